// The training loop. A training is a sequence of stages, most of them passes over blocks of features. A slice processes as many
// blocks as its budget of work allows, and returns the state. Work is counted, not timed: clocks stand still in deployed
// Workers.
import { releaseUnused } from "../core/release.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { BlockPlace } from "./data/blocks.ts";
import type { TrainingData } from "./data/training-data.ts";
import type { Scaler } from "./heads/scaler.ts";
import type { Computation, Pass } from "./passes/pass.ts";
import { STAGES } from "./passes/table.ts";
import { linearSize } from "./plan.ts";

export interface Slice {
  readonly checkpoint: Checkpoint;
  readonly done: boolean;
}

/**
 * Continues from `checkpoint` for at least one step, and for as many as fit in `budget` floating-point operations. The result
 * has the same bits however it is sliced. A slice also ends once there is a scaler. The checkpoint must then be stored before
 * the next slice: that slice may replace stored blocks with scaled ones, which are unreadable without their scaler.
 */
export async function runSlice(checkpoint: Checkpoint, data: TrainingData, budget: number): Promise<Slice> {
  let state = checkpoint;
  for (let left = budget, steps = 0; state.phase !== "done" && !isNewlyScaled(checkpoint, state); steps++) {
    const { cost, run } = nextStep(state, data);
    if (steps > 0 && cost > left) break;
    if (state.phase === "begin_refit") data.forgetOutputs(); // the final fit evaluates no model on held-out rows
    state = await run();
    left -= cost;
  }
  return { checkpoint: state, done: state.phase === "done" };
}

/** Whether the state must be stored before the training continues. */
export const isNewlyScaled = (before: Pick<Checkpoint, "scaler">, state: Checkpoint): boolean =>
  !before.scaler && state.scaler !== null;

/** A step that cannot be interrupted. */
interface Step {
  /** Operations for the slice's budget. The counted work is a little less. */
  readonly cost: number;
  run(): Checkpoint | Promise<Checkpoint>;
}

function nextStep(state: Checkpoint, data: TrainingData): Step {
  const stage = STAGES[state.phase as Exclude<Checkpoint["phase"], "done">];
  if (typeof stage === "function") return { cost: decisionCost(state), run: () => replaced(state, stage(state)) };
  if ("steps" in stage) return { cost: stage.stepWork(state), run: () => compute(state, stage) };
  const blocks = blocksFor(state, stage, data);
  const block = blocks[state.cursor];
  if (!block) return { cost: decisionCost(state), run: () => endPass(state, stage) };
  if (state.scaler && !data.isScaled(block)) return scaling(state, state.scaler, block, data);
  return { cost: blockWork(state, stage, block), run: () => addBlock(state, stage, block, data) };
}

/**
 * Reads and scales a block in a separate step, so that the next step has only its products: a prediction waits for either, not
 * for both.
 */
const scaling = (state: Checkpoint, scaler: Scaler, block: BlockPlace, data: TrainingData): Step => ({
  cost: 100 * block.rows * state.plan.dims,
  run: async () => {
    await data.scale(block, scaler);
    return state;
  },
});

async function addBlock<Sums>(
  state: Checkpoint,
  pass: Pass<Sums>,
  block: BlockPlace,
  data: TrainingData,
): Promise<Checkpoint> {
  const begun = (state.sums ?? pass.begin(state)) as Sums;
  const sums = await data.withBlock(block, state.scaler, (ready) => pass.add(begun, ready, state));
  return { ...state, work: state.work + blockWork(state, pass, block), sums, cursor: state.cursor + 1 };
}

/**
 * After the last block, the pass decides the next phase. This is a separate step, because the decision of an optimiser takes as
 * long as a block.
 */
function endPass<Sums>(state: Checkpoint, pass: Pass<Sums>): Checkpoint {
  const sums = (state.sums ?? pass.begin(state)) as Sums;
  return replaced({ ...state, sums }, pass.finish({ ...state, sums: null, cursor: 0 }, sums));
}

/** Releases the arrays that only the old state holds. */
function replaced(before: Checkpoint, after: Checkpoint): Checkpoint {
  releaseUnused(before, after);
  return after;
}

function blocksFor(state: Checkpoint, pass: Pass<unknown>, data: TrainingData) {
  const blocks = data.list(pass.parts(state));
  const most = pass.mostRows?.(state) ?? Number.MAX_VALUE;
  let rows = 0;
  const enough = blocks.findIndex((block) => {
    rows += block.rows;
    return rows >= most;
  });
  const taken = enough < 0 ? blocks : blocks.slice(0, enough + 1);
  return pass.arrange?.(taken, state) ?? taken;
}

/** One step of a computation without rows. */
function compute<Sums>(state: Checkpoint, computation: Computation<Sums>): Checkpoint {
  const sums = computation.step((state.sums ?? computation.begin(state)) as Sums, state.cursor, state);
  const work = state.work + computation.stepWork(state);
  if (state.cursor + 1 < computation.steps(state)) return { ...state, work, sums, cursor: state.cursor + 1 };
  return replaced({ ...state, sums }, computation.finish({ ...state, work, sums: null, cursor: 0 }, sums));
}

/** Reading, scaling and summing a block cost about ten operations per number, in addition to the products. */
const blockWork = (state: Checkpoint, pass: Pass<unknown>, { rows }: BlockPlace): number =>
  pass.work(state, rows) + 10 * rows * state.plan.dims;

/** Most stages decide by reading an optimiser's state: about forty times over all parameters of a linear head. */
const decisionCost = (state: Checkpoint): number => 1_000 * linearSize(state.plan);
