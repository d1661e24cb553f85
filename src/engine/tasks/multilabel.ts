// Multi-label: a set of labels per example, a sigmoid and a threshold for each label.
import type { MultilabelMetrics } from "../../contract/metrics.ts";
import type { Targets } from "../../tensor/products.ts";
import { isSet, packSets } from "../heads/sigmoid.ts";
import { calibrationFigures } from "../metrics/classification.ts";
import { evidenceOnSets } from "../metrics/evidence.ts";
import {
  addSetRows,
  countSetRows,
  emptyJudgedSets,
  measureSetRows,
  type JudgedSets as Sums,
  settleThresholds,
} from "../metrics/judged-sets.ts";
import { multilabelMetricsOf } from "../metrics/multilabel.ts";
import { addSetScores, meanLoss } from "../metrics/score.ts";
import { addSetSlopes } from "../temperature.ts";
import type { AfterMeasuring, TaskKind } from "./kind.ts";

export interface JudgedSets extends Sums {
  readonly task: "multilabel";
}

export const multilabel: TaskKind<JudgedSets, MultilabelMetrics> = {
  loss: "sigmoid",
  hasClosedForm: false,
  triesHidden: true,
  keepsRowScores: false,
  pairBytes: 0,
  curvature: { atStart: () => 0.1, left: 1, firstStep: 1, isConstant: false },
  targets: {
    encode: ({ rows, labels, labelsOf }) =>
      packSets(
        Array.from({ length: rows }, (_, row) => labelsOf(row)),
        labels,
      ),
    stored: (bytes) => new Uint8Array(bytes),
    labels: {
      isNeeded: false,
      count: countLabels,
      balancedWeight: (count, rows) => Math.max(rows - count, 1) / count,
    },
  },
  score: { add: addSetScores, lossOf: meanLoss, hasHits: true },
  addSlopes: addSetSlopes,
  judging: {
    empty: (labels, thresholds) => ({ task: "multilabel", ...emptyJudgedSets(labels, thresholds) }),
    add: addSetRows,
    count: countSetRows,
    measure: measureSetRows,
    measured,
    thresholdsOf: ({ thresholds }) => thresholds,
    metrics,
    calibration: calibrationFigures,
    evidence: evidenceOnSets,
    curveFigures: ({ log_loss }) => ({ log_loss }),
    labelsFor: (labels) => labels,
  },
};

function metrics(judged: JudgedSets, labels: readonly string[]): MultilabelMetrics {
  const { thresholds, counts } = judged;
  if (!thresholds) throw new Error("There are no thresholds yet");
  return multilabelMetricsOf(judged, labels, thresholds, counts);
}

function measured(judged: JudgedSets): AfterMeasuring<JudgedSets> {
  if (!judged.recalibration) return { judged, phase: "recalibrate" };
  if (!judged.thresholds) return { judged: settleThresholds(judged), phase: "measure" };
  return { judged, phase: "settle" };
}

function countLabels(counts: Float64Array, targets: Targets, rows: number): void {
  for (let r = 0; r < rows; r++)
    for (let k = 0; k < counts.length; k++)
      if (isSet(targets as Uint8Array, r, k, counts.length)) counts[k] = (counts[k] as number) + 1;
}
