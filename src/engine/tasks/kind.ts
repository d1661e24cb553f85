// The interface of a task in the engine. One file beside this one implements each task; ./registry.ts lists them. No other file
// of the engine depends on which task a head has.
import type { Metrics } from "../../contract/metrics.ts";
import type { Task } from "../../contract/tasks.ts";
import type { VersionView } from "../../contract/versions.ts";
import type { Loss, Targets } from "../../tensor/products.ts";
import type { CurvePoint } from "../findings/learning-curve.ts";
import type { Scaler } from "../heads/scaler.ts";
import type { Verdict } from "../metrics/classification.ts";
import type { Evidence, EvidenceQuestion } from "../metrics/evidence.ts";
import type { JudgedRows } from "../metrics/judged-rows.ts";
import type { ScoreSums } from "../metrics/score.ts";
import type { Slopes } from "../temperature.ts";

/** Sums over rows that a model did not see: plain data, so that a checkpoint can hold them. */
export interface JudgedTask {
  readonly task: Task;
}

export interface TaskKind<Judged extends JudgedTask, Figures extends Metrics> {
  readonly loss: Loss;
  /** Whether leave-one-out has a closed form for a linear head. */
  readonly hasClosedForm: boolean;
  /** Whether `auto` also tries heads with a hidden layer. */
  readonly triesHidden: boolean;
  /** Whether the scores of each held-out row are kept, for prediction sets and label checks. */
  readonly keepsRowScores: boolean;
  /** Bytes of metrics that grow with the square of the labels. */
  readonly pairBytes: number;
  readonly curvature: LogitCurvature;
  readonly targets: TargetRules;
  readonly score: ScoreRules;
  /** Adds a block's derivatives at β, in place; null: outputs are not calibrated. */
  readonly addSlopes:
    | ((sums: Slopes, outputs: Float32Array, targets: Targets, beta: number, rows: number) => Slopes)
    | null;
  readonly judging: Judging<Judged, Figures>;
}

/** The curvature of the loss in a logit, before and during a fit. */
export interface LogitCurvature {
  /** Mean second derivative for equally likely outputs, as at the start of every fit. */
  atStart(labels: number): number;
  /** Share of that derivative that remains once most rows are decided, where a fit spends most of its steps. */
  readonly left: number;
  /** Share of the first step that matches the curvature at the start, which is still full. */
  readonly firstStep: number;
  /** Whether the curvature is the same everywhere, so that the Gram matrix is exact. */
  readonly isConstant: boolean;
}

/** The targets of some rows, as indices of labels or as values. */
export interface TargetReader {
  readonly rows: number;
  readonly labels: number;
  labelsOf(row: number): readonly number[];
  numberOf(row: number): number;
}

export interface TargetRules {
  /** Targets in the form that the kernels take. */
  encode(read: TargetReader): Targets;
  /** Targets in that form, from their stored bytes. */
  stored(bytes: ArrayBuffer): Targets;
  /** null: targets are values, which are scaled by their deviation. */
  readonly labels: LabelRules | null;
}

export interface LabelRules {
  /** Whether a row without any label cannot be trained on. */
  readonly isNeeded: boolean;
  /** Adds the examples of each label to `counts` [labels], in place. */
  count(counts: Float64Array, targets: Targets, rows: number): void;
  /** The class weight of a label with `count` > 0 of `rows` examples, if all labels weigh the same. */
  balancedWeight(count: number, rows: number, labels: number): number;
}

/** The score that selects a head among those tried. */
export interface ScoreRules {
  /** Adds outputs [rows][outputs], in place. */
  add(sums: ScoreSums, outputs: Float32Array, targets: Targets, rows: number): ScoreSums;
  /** Mean loss. */
  lossOf(sums: ScoreSums): number;
  /** Whether accuracy and macro-F1 can select; else only the loss. */
  readonly hasHits: boolean;
}

/** The next phase after all held-out rows are measured. */
export interface AfterMeasuring<Judged> {
  readonly judged: Judged;
  readonly phase: "measure" | "recalibrate" | "bootstrap" | "settle";
}

export interface Judging<Judged extends JudgedTask, Figures extends Metrics> {
  /** `thresholds`: by label, if they are known before the rows. */
  empty(labels: number, thresholds: readonly number[] | null): Judged;
  /** Adds rows to the sums of outputs, in place. Calls `told` for each row whose scores may be kept. */
  add(judged: Judged, rows: JudgedRows, told?: (row: number, verdict: Verdict) => void): void;
  /** Counts the answers for rows that `add` has summed, in place, if the task needs a later pass for that. */
  count(judged: Judged, rows: JudgedRows): void;
  /** Adds rows, in place, to the sums that the current pass over the held-out rows computes. */
  measure(judged: Judged, rows: JudgedRows, told: (row: number, verdict: Verdict) => void): void;
  measured(judged: Judged): AfterMeasuring<Judged>;
  /** By label, the least score at which the label is set; null for a task without thresholds. */
  thresholdsOf(judged: Judged): readonly number[] | null;
  metrics(judged: Judged, labels: readonly string[], scaler: Pick<Scaler, "target">): Figures;
  calibration(judged: Judged): Omit<NonNullable<VersionView["calibration"]>, "temperature"> | null;
  evidence(judged: Judged, metrics: Figures, question: EvidenceQuestion): Evidence;
  /** The metrics that a learning curve shows. */
  curveFigures(metrics: Figures): Pick<CurvePoint, "accuracy" | "log_loss" | "rmse">;
  /** The labels on which a head that knows `own` is evaluated, if rows have `labels`. */
  labelsFor(labels: readonly string[], own: readonly string[]): readonly string[];
}
