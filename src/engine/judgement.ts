// The part of a training's state that measures how well it predicts: sums over held-out rows, and the figures computed from them.
import type { ClassificationMetrics, Metrics } from "../contract/metrics.ts";
import type { CurvePoint } from "./findings/learning-curve.ts";
import type { OutOfFold } from "./findings/out-of-fold.ts";
import type { Judged } from "./tasks/registry.ts";

export interface Judgement {
  /** Sums over held-out rows, before metrics are computed. */
  readonly judged: Judged | null;
  /** Intervals from resampling, for a classification. */
  readonly intervals: Required<Pick<ClassificationMetrics, "accuracy_interval" | "macro_f1_interval">> | null;
  readonly outOfFold: OutOfFold | null;
  /** Points of the learning curve so far. */
  readonly curve: readonly CurvePoint[];
  readonly test: Metrics | null;
}
