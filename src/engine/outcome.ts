// The result of a finished training: the head that serves, the heads behind its metrics, and the version's figures.
import type { VersionView } from "../contract/versions.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type LearningCurve, learningCurveOf } from "./findings/learning-curve.ts";
import type { OutOfFold } from "./findings/out-of-fold.ts";
import { conformalThresholds } from "./heads/conformal.ts";
import type { TrainedHead } from "./heads/trained-head.ts";
import { headOf, judgedFolds, rowsOfFolds, shapeOf } from "./passes/pass.ts";
import { SOLVERS } from "./passes/solvers.ts";
import { judgingOf } from "./tasks/registry.ts";

export interface TrainingOutcome {
  /** Fitted on all folds. */
  readonly final: TrainedHead;
  /** By round, fitted without the held-out fold. Later candidates are compared with them on rows that neither has seen. */
  readonly selected: readonly TrainedHead[];
  readonly recipe: Omit<VersionView["recipe"], "name">;
  readonly metrics: Omit<VersionView["metrics"], "baseline">;
  readonly calibration: VersionView["calibration"];
  readonly outOfFold: OutOfFold | null;
  readonly learningCurve: LearningCurve | null;
}

export function outcomeOfTraining(state: Checkpoint): TrainingOutcome {
  const { selected, parameters, judged, intervals, scaler, test, trials, outOfFold } = state;
  if (state.phase !== "done" || !selected || !parameters || !judged || !scaler)
    throw new Error("The training is not done");
  const { kind } = selected;
  const setting = SOLVERS[headOf(state).solver].settingOf(selected);
  // Computed only here: a confusion of a thousand labels is another million numbers.
  const validation = { ...judgingOf(judged).metrics(judged, state.plan.labels, scaler), ...intervals };
  return {
    final: trainedHead(state, parameters),
    selected: selected.parameters.map((weights) => trainedHead(state, weights)),
    recipe: {
      kind,
      evaluations: state.evaluations,
      path: trials.map(({ score: _, ...trial }) => trial),
      ...setting,
    },
    metrics: { validation, test: test ?? undefined },
    calibration: calibrationOf(state),
    outOfFold,
    learningCurve: learningCurveOf(state.curve),
  };
}

function trainedHead(state: Checkpoint, parameters: Float32Array): TrainedHead {
  const { plan, scaler, selected, temperature, judged } = state;
  if (!scaler || !selected) throw new Error("The training is not done");
  const { mean, inverse, sparse } = scaler;
  const target = { ...scaler.target, mean: scaler.target.mean + plan.valueOffset };
  return {
    task: plan.task,
    kind: selected.kind,
    labels: plan.labels,
    scaler: { mean, inverse, target, sparse },
    layers: headOf(state).encode(shapeOf(state), parameters),
    temperature: 1 / temperature.beta,
    thresholds: judged && judgingOf(judged).thresholdsOf(judged),
    conformal: conformalOf(state),
  };
}

/** Uses only rows held out while choosing. The fits that score the other folds start from parameters that saw their rows. */
function conformalOf(state: Checkpoint): Float32Array | null {
  const { plan, outOfFold } = state;
  if (!outOfFold) return null;
  const judged = rowsOfFolds(plan, judgedFolds(state));
  return conformalThresholds(outOfFold.trueScore.subarray(0, judged));
}

function calibrationOf({ temperature, judged }: Checkpoint): VersionView["calibration"] {
  const figures = judged && judgingOf(judged).calibration(judged);
  return figures && { temperature: 1 / temperature.beta, ...figures };
}
