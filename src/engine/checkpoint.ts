// The whole state of a training as one flat record. A training can be stored, killed and resumed between any two blocks, and
// ends with the same bits.
import { decodeRecord, encodeRecord, recordPieces } from "../core/record.ts";
import type { FitState } from "./fit-state.ts";
import type { FittedScaler } from "./heads/scaler.ts";
import type { Judgement } from "./judgement.ts";
import type { ScoreSums } from "./metrics/score.ts";
import type { Phase } from "./phases.ts";
import type { Plan } from "./plan.ts";
import { startTemperature, type TemperatureSearch } from "./temperature.ts";

/** One strength of the path, fitted on the training rows and scored on the held-out rows. */
export interface StrengthTrial {
  readonly l2: number;
  /** On the held-out rows. For a regression: mean squared error in units of squared deviations. */
  readonly log_loss: number;
  /** The number that the path minimises: the log loss, or one minus the metric that the caller chose. */
  readonly score: number;
  readonly evaluations: number;
}

/** The best candidate so far. */
export interface Selected {
  readonly kind: Plan["kinds"][number];
  readonly l2: number;
  readonly score: number;
  readonly log_loss: number;
  /** Share of the held-out rows that the candidate predicted exactly. */
  readonly exact: number;
  /** Epochs, for a head trained by epochs. */
  readonly epochs: number;
  /** By round: the parameters fitted without the fold that the round held out. */
  readonly parameters: readonly Float32Array[];
}

export interface Checkpoint extends FitState, Judgement {
  readonly plan: Plan;
  readonly phase: Phase;
  /** The next block, or step, of the phase's pass. */
  readonly cursor: number;
  /**
   * Running sums of the pass; the phase decides their type. A slice updates them in place: after a checkpoint was passed to
   * `runSlice`, use only the checkpoint that it returned.
   */
  readonly sums: unknown;
  /** Floating-point operations so far. */
  readonly work: number;
  readonly scaler: FittedScaler | null;
  /** Start of an update; null for a training from scratch. */
  readonly warm: { readonly held: Float32Array; readonly final: Float32Array } | null;
  /** [slabs · 8]: weight of each class; null for weight 1. */
  readonly classWeights: Float32Array | null;
  /** The phase to continue with after the curvature, or its diagonal, is computed. */
  readonly next: "begin_fit" | "begin_refit" | "select" | "refit";
  /** The kind of head that is fitted; after the search, the selected one. */
  readonly kind: Plan["kinds"][number];
  /** Kinds of head tried so far. */
  readonly tried: number;
  /** The fold currently held out. */
  readonly round: number;
  /** Scores at the current strength, over the finished rounds. */
  readonly scores: ScoreSums | null;
  readonly trials: readonly StrengthTrial[];
  readonly selected: Selected | null;
  readonly temperature: TemperatureSearch;
  /** The parameters fitted on all folds: the model that serves. */
  readonly parameters: Float32Array | null;
  /** Evaluations, or epochs, of the final fit. */
  readonly evaluations: number;
}

export function startTraining(plan: Plan): Checkpoint {
  return {
    plan,
    phase: "scale",
    cursor: 0,
    sums: null,
    work: 0,
    scaler: null,
    warm: null,
    classWeights: null,
    diagonal: null,
    gram: null,
    curvature: null,
    next: "begin_fit",
    kind: plan.kinds[0] as Plan["kinds"][number],
    tried: 0,
    round: 0,
    fits: [],
    optimiser: null,
    epochs: null,
    scores: null,
    trials: [],
    selected: null,
    temperature: startTemperature,
    judged: null,
    intervals: null,
    outOfFold: null,
    parameters: null,
    evaluations: 0,
    curve: [],
    test: null,
  };
}

/** The bytes of `encodeCheckpoint`, `size` at a time. The training must not continue before the last piece was read. */
export const checkpointPieces = (checkpoint: Checkpoint, size: number): Iterable<Uint8Array<ArrayBuffer>> =>
  recordPieces(checkpoint, size);
export const encodeCheckpoint = (checkpoint: Checkpoint): Uint8Array<ArrayBuffer> => encodeRecord(checkpoint);
export const decodeCheckpoint = (bytes: Uint8Array): Checkpoint => decodeRecord<Checkpoint>(bytes);
