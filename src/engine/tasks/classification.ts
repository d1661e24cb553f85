// Classification: one label per example, softmax, and calibrated probabilities.
import type { ClassificationMetrics } from "../../contract/metrics.ts";
import type { Targets } from "../../tensor/products.ts";
import {
  addClassified,
  type ClassificationSums,
  calibrationFigures,
  classificationMetricsOf,
  emptyClassification,
  thresholdTable,
  type Verdict,
} from "../metrics/classification.ts";
import { evidenceOnLabels } from "../metrics/evidence.ts";
import { eachRow, type JudgedRows } from "../metrics/judged-rows.ts";
import { addClassScores, calibratedLoss } from "../metrics/score.ts";
import { addClassSlopes } from "../temperature.ts";
import type { TaskKind } from "./kind.ts";

export interface JudgedClasses extends ClassificationSums {
  readonly task: "classification";
}

const LEFT_OF_SOFTMAX = 0.25;
/** Bytes per cell of a confusion matrix: as counts, and again as JSON numbers. */
const CONFUSION_BYTES = 16;

export const classification: TaskKind<JudgedClasses, ClassificationMetrics> = {
  loss: "softmax",
  hasClosedForm: false,
  triesHidden: true,
  keepsRowScores: true,
  pairBytes: CONFUSION_BYTES,
  curvature: {
    atStart: (labels) => 1 / Math.max(2, labels),
    left: LEFT_OF_SOFTMAX,
    firstStep: 0.8 * LEFT_OF_SOFTMAX,
    isConstant: false,
  },
  targets: {
    encode: ({ rows, labelsOf }) => Int32Array.from({ length: rows }, (_, row) => labelsOf(row)[0] as number),
    stored: (bytes) => new Int32Array(bytes),
    labels: {
      isNeeded: true,
      count: countClasses,
      balancedWeight: (count, rows, labels) => rows / (labels * count),
    },
  },
  score: { add: addClassScores, lossOf: calibratedLoss, hasHits: true },
  addSlopes: addClassSlopes,
  judging: {
    empty: (labels) => ({ task: "classification", ...emptyClassification(labels) }),
    add: addClasses,
    count: () => undefined,
    measure: addClasses,
    measured: (judged) => ({ judged, phase: "bootstrap" }),
    thresholdsOf: () => null,
    metrics: classificationMetricsOf,
    calibration: (judged) => ({ ...calibrationFigures(judged), thresholds: thresholdTable(judged) }),
    evidence: evidenceOnLabels,
    curveFigures: ({ accuracy, log_loss }) => ({ accuracy, log_loss }),
    // The head may predict a label that no longer exists.
    labelsFor: (labels, own) => [...labels, ...own.filter((label) => !labels.includes(label))],
  },
};

function addClasses(judged: JudgedClasses, rows: JudgedRows, told?: (row: number, verdict: Verdict) => void): void {
  eachRow(rows, (z, r) => {
    const verdict = addClassified(judged, z, rows.targets[r] as number, rows.beta);
    told?.(r, verdict);
  });
}

function countClasses(counts: Float64Array, targets: Targets, rows: number): void {
  for (let r = 0; r < rows; r++) counts[targets[r] as number] = (counts[targets[r] as number] as number) + 1;
}
