// Training by epochs: on all folds but one, scored on the held-out fold after each epoch, until the score stops improving;
// round by round if several folds are held out in turn. Then from scratch on all folds, for the best number of epochs.
import type { Checkpoint, Selected } from "../checkpoint.ts";
import { seededRandom, shuffled } from "../data/seeded-random.ts";
import type { ReadyBlock } from "../data/training-data.ts";
import { emptyScoreSums, type ScoreSums } from "../metrics/score.ts";
import { type BestEpoch, type EpochsState, epochWork, startEpochs, trainBlock } from "../optimisers/adamw.ts";
import { isHopeless, type Run, shouldStop } from "../optimisers/early-stopping.ts";
import { TASK_KINDS } from "../tasks/registry.ts";
import { scoreOf } from "../tasks/score-of.ts";
import {
  allFolds,
  forward,
  forwardWork,
  headOf,
  isSpent,
  judgedFolds,
  lossTask,
  otherFolds,
  type Pass,
  rowsOfFolds,
  SEARCH_SHARE,
  selectedOf,
  shapeOf,
} from "./pass.ts";

const epochsOf = ({ epochs }: Checkpoint): EpochsState => {
  if (!epochs) throw new Error("No epoch has begun");
  return epochs;
};

/** Begins a round with newly drawn weights. */
export function beginEpochs(state: Checkpoint): Checkpoint {
  const { epochs, plan, round } = state;
  const planned = round > 0 && epochs ? epochs.planned : plannedEpochs(state);
  const rounds = round > 0 && epochs ? epochs.rounds : [];
  return {
    ...state,
    epochs: { ...startEpochs(headOf(state), shapeOf(state), plan.seed, planned), rounds },
    phase: "epoch",
  };
}

/**
 * Rows seen in a run, over all its epochs. More help only a little. After a linear head the run is a trial, which must cost no
 * more than that head did.
 */
const ROWS_SEEN = { alone: 200_000, trial: 100_000 };

/** More epochs do not improve the score of some thousand rows, and soon make it worse. */
const MOST_EPOCHS_OF_TRIAL = 12;

/**
 * The number of epochs: at most what the caller allows, what improves the score, and what the remaining work permits; at least
 * one.
 */
function plannedEpochs(state: Checkpoint): number {
  const { plan, work, selected } = state;
  const rows = rowsOfFolds(plan, otherFolds(state));
  const worthwhile = selected
    ? Math.min(MOST_EPOCHS_OF_TRIAL, Math.floor(ROWS_SEEN.trial / rows))
    : Math.floor(ROWS_SEEN.alone / rows);
  const left = plan.mostWork === null ? Number.MAX_VALUE : SEARCH_SHARE * plan.mostWork - work;
  const affordable = Math.floor(left / (plan.rounds * epochWork(headOf(state), shapeOf(state), rows)));
  return Math.max(1, Math.min(plan.maxEpochs, worthwhile, affordable));
}

interface EpochSums {
  rows: number;
  steps: number;
}

/** An epoch over the blocks of `parts`, in its own order. */
const epochOver = (
  parts: (state: Checkpoint) => number[],
  finish: (state: Checkpoint) => Checkpoint,
): Pass<EpochSums> => ({
  parts,
  work: (state, rows) => epochWork(headOf(state), shapeOf(state), rows, rowsOfFolds(state.plan, parts(state))),
  begin: () => ({ rows: 0, steps: 0 }),
  arrange: (blocks, state) => {
    const order = shuffled(
      blocks.length,
      seededRandom(state.plan.seed ^ Math.imul(epochsOf(state).epoch + 1, 0x9e3779b1)),
    );
    return order.map((i) => blocks[i] as (typeof blocks)[number]);
  },
  add: (sums, block, state) => {
    const epochs = epochsOf(state);
    const at = {
      step: epochs.step + sums.steps,
      rows: rowsOfFolds(state.plan, parts(state)),
      before: sums.rows,
      seed: state.plan.seed,
    };
    sums.steps += trainBlock(epochs, block, {
      head: headOf(state),
      shape: shapeOf(state),
      task: lossTask(state, block),
      ...at,
    });
    sums.rows += block.rows;
    return sums;
  },
  finish: (state, { steps }) => {
    const epochs = epochsOf(state);
    return finish({ ...state, epochs: { ...epochs, epoch: epochs.epoch + 1, step: epochs.step + steps } });
  },
});

export const epoch = epochOver(otherFolds, (state) => ({ ...state, phase: "score_epoch" }));

/** Scores the held-out fold; then the next epoch, the next round, or the verdict. */
export const scoreEpoch: Pass<ScoreSums> = {
  parts: ({ round }) => [round],
  work: (state, rows) => forwardWork(state, rows),
  begin: (state) => (state.scores ? copyOf(state.scores) : emptyScoreSums(shapeOf(state).outputs)),
  add: (sums, block, state) =>
    TASK_KINDS[state.plan.task].score.add(sums, outputsOf(state, block), block.targets, block.rows),
  finish: (state, sums) => {
    const scored = withScore(state, sums);
    const over = shouldStop(runOf(scored)) || isSpent(scored, SEARCH_SHARE);
    return over ? endRound(scored) : { ...scored, phase: "epoch" };
  },
};

const outputsOf = (state: Checkpoint, block: ReadyBlock): Float32Array =>
  forward(state, epochsOf(state).parameters, block);

const copyOf = (sums: ScoreSums): ScoreSums => {
  const { hits, predicted, support, losses } = sums;
  return {
    ...sums,
    hits: hits.slice(),
    predicted: predicted.slice(),
    support: support.slice(),
    losses: structuredClone(losses),
  };
};

function withScore(state: Checkpoint, sums: ScoreSums): Checkpoint {
  const epochs = epochsOf(state);
  const score = scoreOf(sums, state.plan);
  const { epoch, parameters } = epochs;
  const better = !epochs.best || score < epochs.best.score;
  const best = better ? { epoch, score, sums, parameters: parameters.slice() } : epochs.best;
  return { ...state, epochs: { ...epochs, scores: [...epochs.scores, score], best } };
}

const runOf = (state: Checkpoint): Run => {
  const { scores, planned } = epochsOf(state);
  return { scores, planned, rival: rivalOf(state) };
};

/**
 * The score to beat: that of the selected head, minus a margin for chance. The best of several epochs is biased on few held-out
 * rows: a gain of a few percent there is often a loss on other rows.
 */
function rivalOf(state: Checkpoint): number | null {
  const { plan, selected } = state;
  if (!selected) return null;
  const held = rowsOfFolds(plan, judgedFolds(state));
  return selected.score * (1 - 1 / Math.sqrt(held));
}

function endRound(state: Checkpoint): Checkpoint {
  const { best, rounds, ...epochs } = epochsOf(state);
  if (!best) throw new Error("No epoch was scored");
  const next = { ...state, scores: best.sums, epochs: { ...epochs, best: null, rounds: [...rounds, best] } };
  const isLast = state.round + 1 >= state.plan.rounds || isHopeless(runOf(state));
  return isLast ? endTrial(next) : { ...next, round: state.round + 1, phase: "begin_epochs" };
}

/** Keeps the head if it beats the one selected before. */
function endTrial(state: Checkpoint): Checkpoint {
  const { rounds, ...epochs } = epochsOf(state);
  const candidate = candidateOf(rounds, state);
  const rival = rivalOf(state);
  const isBetter = rounds.length >= state.plan.rounds && (rival === null || candidate.score < rival);
  const next: Checkpoint = { ...state, round: 0, scores: null, phase: "next_kind" };
  if (!isBetter) return { ...next, epochs: null };
  const none = new Float32Array(0);
  return { ...next, selected: candidate, epochs: { ...epochs, parameters: none, m: none, v: none, rounds: [] } };
}

/** The sums of the last round cover all rounds. */
function candidateOf(rounds: readonly BestEpoch[], { kind, plan }: Checkpoint): Selected {
  const { score, sums } = rounds.at(-1) as BestEpoch;
  const epochs = rounds.map(({ epoch }) => epoch).sort((a, b) => a - b);
  return {
    kind,
    l2: 0,
    score,
    log_loss: TASK_KINDS[plan.task].score.lossOf(sums),
    exact: sums.exact / sums.rows,
    epochs: epochs[(epochs.length - 1) >> 1] as number,
    parameters: rounds.map(({ parameters }) => parameters),
  };
}

/** Begins the final fit, once the selected head is measured. */
export const settleEpochs = (state: Checkpoint): Checkpoint => ({ ...state, round: 0, phase: "begin_refit_epochs" });

/** Begins from scratch on all folds, with the rates of the selected run. */
export function beginRefitEpochs(state: Checkpoint): Checkpoint {
  const epochs = startEpochs(headOf(state), shapeOf(state), state.plan.seed, epochsOf(state).planned);
  return { ...state, epochs, gram: null, curvature: null, fits: [], phase: "refit_epoch" };
}

export const refitEpoch = epochOver(allFolds, (state) => {
  const { epoch, parameters } = epochsOf(state);
  if (epoch < selectedOf(state).epochs && !isSpent(state, 1)) return { ...state, phase: "refit_epoch" };
  return { ...state, epochs: null, parameters, evaluations: epoch, phase: "test" };
});
