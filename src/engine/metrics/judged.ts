// Sums over rows that a model did not see, for any task, and the metrics computed from them.
import type { Metrics } from "../../contract/metrics.ts";
import type { Targets } from "../../tensor/products.ts";
import type { FittedScaler } from "../heads/scaler.ts";
import type { Plan } from "../plan.ts";
import {
  addClassified,
  type ClassificationSums,
  classificationMetricsOf,
  emptyClassification,
  type Verdict,
} from "./classification.ts";
import { addToCuts, bestCut, type CutSums, emptyCuts } from "./common-cut.ts";
import {
  addSets,
  countSet,
  emptyMultilabel,
  emptySetCounts,
  type MultilabelSums,
  multilabelMetricsOf,
  type SetCounts,
} from "./multilabel.ts";
import { type Recalibration, scoreFor } from "./recalibration.ts";
import { addValue, emptyRegression, type RegressionSums, regressionMetricsOf } from "./regression.ts";

/** The sums of a multi-label head, the state of its threshold search, and the counts at its thresholds. */
export interface JudgedSets extends MultilabelSums {
  readonly recalibration: Recalibration | null;
  readonly cuts: CutSums;
  readonly thresholds: readonly number[] | null;
  readonly counts: SetCounts;
}

/** The sums of the plan's task; the others are null. */
export interface Judged {
  readonly classification: ClassificationSums | null;
  readonly multilabel: JudgedSets | null;
  readonly regression: RegressionSums | null;
}

export const emptyJudged = ({ task, labels }: Pick<Plan, "task" | "labels">): Judged => ({
  classification: task === "classification" ? emptyClassification(labels.length) : null,
  multilabel: task === "multilabel" ? emptyJudgedSets(labels.length) : null,
  regression: task === "regression" ? emptyRegression() : null,
});

const emptyJudgedSets = (labels: number): JudgedSets => {
  const empty = emptyMultilabel(labels);
  return { ...empty, recalibration: null, cuts: emptyCuts(), thresholds: null, counts: emptySetCounts(labels) };
};

/** The same, with thresholds that are known before the rows. */
export const withThresholds = (judged: Judged, thresholds: readonly number[]): Judged =>
  judged.multilabel ? { ...judged, multilabel: { ...judged.multilabel, thresholds } } : judged;

export const withRecalibration = (judged: Judged, recalibration: Recalibration): Judged =>
  judged.multilabel ? { ...judged, multilabel: { ...judged.multilabel, recalibration } } : judged;

export interface JudgedRows {
  readonly rows: number;
  /** [rows][outputs] */
  readonly outputs: Float32Array | Float64Array;
  readonly targets: Targets;
  readonly beta: number;
}

/** Adds rows in place. Calls `told` for each row of a classification. */
export function judge(
  judged: Judged,
  { rows, outputs, targets, beta }: JudgedRows,
  told: (row: number, verdict: Verdict) => void = () => undefined,
): Judged {
  const width = outputs.length / rows;
  for (let r = 0; r < rows; r++) {
    const z = outputs.subarray(r * width, (r + 1) * width);
    if (judged.classification) told(r, addClassified(judged.classification, z, targets[r] as number, beta));
    else if (judged.multilabel) addSets(judged.multilabel, z, targets as Uint8Array, r, beta);
    else if (judged.regression) addValue(judged.regression, z[0] as number, targets[r] as number);
  }
  return judged;
}

/** Adds rows of sets to the metrics of each cut, in place. Needs recalibrated labels. */
export function addCuts(judged: Judged, { rows, outputs, targets, beta }: JudgedRows): Judged {
  const { recalibration, cuts } = judged.multilabel ?? {};
  if (!recalibration || !cuts) return judged;
  const width = outputs.length / rows;
  for (let r = 0; r < rows; r++) {
    addToCuts(cuts, recalibration, outputs.subarray(r * width, (r + 1) * width), targets as Uint8Array, r, beta);
  }
  return judged;
}

/** Sets the thresholds by the best cut, before `countSets` passes over the rows again. */
export function settleThresholds(judged: Judged): Judged {
  const { recalibration, cuts } = judged.multilabel ?? {};
  if (!recalibration || !cuts) throw new Error("Labels are not recalibrated yet");
  const cut = bestCut(cuts);
  return withThresholds(
    judged,
    Array.from(recalibration.slopes, (_, k) => scoreFor(recalibration, k, cut)),
  );
}

/** Counts answers of rows of sets at the thresholds, in place; does nothing for other tasks. */
export function countSets(judged: Judged, { rows, outputs, targets, beta }: JudgedRows): Judged {
  const { thresholds, counts } = judged.multilabel ?? {};
  if (!thresholds || !counts) return judged;
  const width = outputs.length / rows;
  for (let r = 0; r < rows; r++) {
    countSet(counts, thresholds, outputs.subarray(r * width, (r + 1) * width), targets as Uint8Array, r, beta);
  }
  return judged;
}

export function metricsOfJudged(
  judged: Judged,
  labels: readonly string[],
  scaler: Pick<FittedScaler, "target">,
): Metrics {
  const { classification, multilabel, regression } = judged;
  if (classification) return classificationMetricsOf(classification, labels);
  if (multilabel) {
    if (!multilabel.thresholds) throw new Error("There are no thresholds yet");
    return multilabelMetricsOf(multilabel, labels, multilabel.thresholds, multilabel.counts);
  }
  return regressionMetricsOf(regression as RegressionSums, scaler.target.deviation);
}
