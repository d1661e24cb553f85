// Sums over rows that a model did not see, for whichever task, and the figures they come to.
import type { Metrics } from "../../contract/metrics.ts";
import type { Targets } from "../../tensor/products.ts";
import type { FittedScaler } from "../heads/scaler.ts";
import { isSet, sigmoid } from "../heads/sigmoid.ts";
import type { Plan } from "../plan.ts";
import {
  addClassified,
  type ClassificationSums,
  classificationMetricsOf,
  emptyClassification,
  type Verdict,
} from "./classification.ts";
import { addSets, emptyMultilabel, type MultilabelSums, multilabelMetricsOf, thresholdsOf } from "./multilabel.ts";
import { addValue, emptyRegression, type RegressionSums, regressionMetricsOf } from "./regression.ts";

/** The sums of the plan's task; the others are null. */
export interface Judged {
  readonly classification: ClassificationSums | null;
  readonly multilabel: (MultilabelSums & { exact: number; thresholds: readonly number[] | null }) | null;
  readonly regression: RegressionSums | null;
}

export const emptyJudged = ({ task, labels }: Pick<Plan, "task" | "labels">): Judged => ({
  classification: task === "classification" ? emptyClassification(labels.length) : null,
  multilabel: task === "multilabel" ? { ...emptyMultilabel(labels.length), exact: 0, thresholds: null } : null,
  regression: task === "regression" ? emptyRegression() : null,
});

export interface JudgedRows {
  readonly rows: number;
  /** [rows][outputs] */
  readonly outputs: Float32Array | Float64Array;
  readonly targets: Targets;
  readonly beta: number;
}

/** Adds rows in place; `told` hears of each row of a classification. */
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

/** Settles the thresholds of labels, before `countExactSets` goes over the rows once more. */
export function withThresholds(judged: Judged): Judged {
  const { multilabel } = judged;
  return multilabel ? { ...judged, multilabel: { ...multilabel, thresholds: thresholdsOf(multilabel) } } : judged;
}

/** Rows whose set of labels is exactly right, added in place. */
export function countExactSets(judged: Judged, { rows, outputs, targets, beta }: JudgedRows): Judged {
  const { multilabel } = judged;
  const width = outputs.length / rows;
  for (let r = 0; multilabel?.thresholds && r < rows; r++) {
    const { thresholds } = multilabel;
    const isRight = (threshold: number, k: number): boolean =>
      sigmoid(beta * (outputs[r * width + k] as number)) >= threshold === isSet(targets as Uint8Array, r, k, width);
    if (thresholds.every(isRight)) multilabel.exact++;
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
    return multilabelMetricsOf(multilabel, labels, multilabel.thresholds ?? thresholdsOf(multilabel), multilabel.exact);
  }
  return regressionMetricsOf(regression as RegressionSums, scaler.target.deviation);
}
