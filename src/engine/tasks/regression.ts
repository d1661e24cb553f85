// Regression: one number per example, and the squared error.
import type { RegressionMetrics } from "../../contract/metrics.ts";
import { evidenceOnValues } from "../metrics/evidence.ts";
import { eachRow, type JudgedRows } from "../metrics/judged-rows.ts";
import { addValue, emptyRegression, type RegressionSums, regressionMetricsOf } from "../metrics/regression.ts";
import { addValueScores, meanLoss } from "../metrics/score.ts";
import type { TaskKind } from "./kind.ts";

export interface JudgedValues extends RegressionSums {
  readonly task: "regression";
}

export const regression: TaskKind<JudgedValues, RegressionMetrics> = {
  loss: "squared",
  hasClosedForm: true,
  triesHidden: false,
  keepsRowScores: false,
  pairBytes: 0,
  curvature: { atStart: () => 1, left: 1, firstStep: 1, isConstant: true },
  targets: {
    encode: ({ rows, numberOf }) => Float32Array.from({ length: rows }, (_, row) => numberOf(row)),
    stored: (bytes) => new Float32Array(bytes),
    labels: null,
  },
  score: { add: addValueScores, lossOf: meanLoss, hasHits: false },
  addSlopes: null,
  judging: {
    empty: () => ({ task: "regression", ...emptyRegression() }),
    add: addValues,
    count: () => undefined,
    measure: addValues,
    measured: (judged) => ({ judged, phase: "settle" }),
    thresholdsOf: () => null,
    metrics: (judged, _, { target }) => regressionMetricsOf(judged, target.deviation),
    calibration: () => null,
    evidence: evidenceOnValues,
    curveFigures: ({ rmse }) => ({ rmse }),
    labelsFor: (labels) => labels,
  },
};

function addValues(judged: JudgedValues, rows: JudgedRows): void {
  eachRow(rows, (z, r) => addValue(judged, z[0] as number, rows.targets[r] as number));
}
