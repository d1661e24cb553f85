// The whole state of a training as one flat record: stored, killed and picked up again anywhere between two blocks, it goes
// on to the same bits.

import type { ClassificationMetrics, Metrics } from "../contract/metrics.ts";
import { decodeRecord, encodeRecord, recordPieces } from "../core/record.ts";
import type { EpochsState } from "./adamw.ts";
import type { Diagonal } from "./diagonal.ts";
import type { FittedScaler } from "./heads/scaler.ts";
import type { LbfgsState } from "./lbfgs.ts";
import type { CurvePoint } from "./learning-curve.ts";
import type { Judged } from "./metrics/judged.ts";
import type { ScoreSums } from "./metrics/score.ts";
import type { OutOfFold } from "./out-of-fold.ts";
import { type Plan, total } from "./plan.ts";
import { searchFrom, startTemperature, type TemperatureSearch } from "./temperature.ts";
import type { WarmStart } from "./warm-start.ts";

/** What a training goes through. Those that begin something take no time; some repeat until they converge. */
export type Phase =
  | ("scale" | "gram" | "next_kind" | "next_strength" | "invert" | "begin_fit" | "select" | "diagonal" | "score")
  | "leave_one_out"
  | ("begin_epochs" | "epoch" | "score_epoch" | "calibrate" | "measure" | "recalibrate" | "bootstrap" | "settle")
  | ("begin_refit" | "refit" | "begin_refit_epochs" | "refit_epoch" | "next_audit" | "audit" | "audit_score")
  | ("next_share" | "curve_fit" | "curve_score" | "test" | "done");

/** One strength of the path, fitted on the training rows and scored on the rows held out. */
export interface Trial {
  readonly l2: number;
  /** Of the rows held out; mean squared error, in squared deviations, for a regression. */
  readonly log_loss: number;
  /** What the path minimises: the log loss, or one minus the metric the caller chose. */
  readonly score: number;
  readonly evaluations: number;
}

/** The best of what was tried so far. */
export interface Selected {
  readonly kind: Plan["kinds"][number];
  readonly l2: number;
  readonly score: number;
  readonly log_loss: number;
  /** Share of the rows held out that it had exactly right. */
  readonly exact: number;
  /** Epochs of a head trained by epochs. */
  readonly epochs: number;
  /** The parameters that each round's held-out fold did not see. */
  readonly parameters: readonly Float32Array[];
}

export interface Checkpoint {
  readonly plan: Plan;
  readonly phase: Phase;
  /** The next block, or step, of the phase's pass. */
  readonly cursor: number;
  /** Running sums of the pass, whose type the phase knows. Added to in place: a checkpoint handed on is spent. */
  readonly sums: unknown;
  /** Floating-point operations so far. */
  readonly work: number;
  readonly scaler: FittedScaler | null;
  /** Where an update goes on from; null for a training from nothing. */
  readonly warm: Pick<WarmStart, "held" | "final"> | null;
  /** [slabs · 8]: how much each class counts; null for one each. */
  readonly classWeights: Float32Array | null;
  /** How scaled features vary, one by one, where no Gram matrix tells; beside one, as outputs were measured to see them. */
  readonly diagonal: Diagonal | null;
  /** Mean Xᵀ·X of scaled features, lower triangle. */
  readonly gram: Float64Array | null;
  /** The first curvature at one strength, and what is to be fitted with it. */
  readonly curvature: {
    readonly l2: number;
    readonly matrix: Float32Array;
    /** (L⁻¹)ᵀ, whose product with its transpose the matrix is; where leave-one-out needs it. */
    readonly factor: Float32Array | null;
  } | null;
  /** What comes after the curvature, or the diagonal. */
  readonly next: "begin_fit" | "begin_refit" | "select" | "refit";
  /** Kinds of head tried so far. */
  readonly tried: number;
  /** The fold held out at the moment. */
  readonly round: number;
  /** Where each round's fit has come to along the path. */
  readonly fits: readonly LbfgsState[];
  /** Where the fit on everything has come to. */
  readonly optimiser: LbfgsState | null;
  readonly epochs: EpochsState | null;
  /** Scores of the stop at hand, over the rounds done. */
  readonly scores: ScoreSums | null;
  readonly trials: readonly Trial[];
  readonly selected: Selected | null;
  readonly temperature: TemperatureSearch;
  /** What was found on rows held out, before its figures are worked out. */
  readonly judged: Judged | null;
  /** Of what was judged, where it was resampled. */
  readonly intervals: Required<Pick<ClassificationMetrics, "accuracy_interval" | "macro_f1_interval">> | null;
  readonly outOfFold: OutOfFold | null;
  /** The parameters fitted on all folds: the model that serves. */
  readonly parameters: Float32Array | null;
  /** Points of the learning curve, so far. */
  readonly curve: readonly CurvePoint[];
  /** Evaluations, or epochs, that the final fit took. */
  readonly evaluations: number;
  readonly test: Metrics | null;
}

export function startTraining(plan: Plan): Checkpoint {
  return {
    plan,
    ...{ phase: "scale", cursor: 0, sums: null, work: 0, scaler: null, warm: null, classWeights: null },
    ...{ diagonal: null, gram: null, curvature: null, next: "begin_fit", tried: 0, round: 0, fits: [] },
    ...{ optimiser: null, epochs: null },
    ...{ scores: null, trials: [], selected: null, temperature: startTemperature, judged: null },
    ...{ intervals: null, outOfFold: null, parameters: null, evaluations: 0, curve: [], test: null },
  };
}

/** Goes on from another version: at its scaling, so that nothing is measured again, from its parameters and its temperature. */
export function startUpdate(plan: Plan, { scaler, held, final, temperature }: WarmStart): Checkpoint {
  const rows = total(plan.foldRows);
  const target = { ...scaler.target, mean: scaler.target.mean - plan.valueOffset };
  const started = startTraining(plan);
  return {
    ...{ ...started, scaler: { ...scaler, target, rows }, warm: { held, final }, phase: "next_kind" },
    temperature: searchFrom(1 / temperature),
  };
}

/** The bytes of `encodeCheckpoint`, `size` at a time; the training stands still meanwhile. */
export const checkpointPieces = (checkpoint: Checkpoint, size: number): Iterable<Uint8Array<ArrayBuffer>> =>
  recordPieces(checkpoint, size);
export const encodeCheckpoint = (checkpoint: Checkpoint): Uint8Array<ArrayBuffer> => encodeRecord(checkpoint);
export const decodeCheckpoint = (bytes: Uint8Array): Checkpoint => decodeRecord<Checkpoint>(bytes);
