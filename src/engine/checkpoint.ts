// The whole state of a training as one flat record: stored, killed and picked up again anywhere between two blocks, it goes
// on to the same bits.

import type { ClassificationMetrics } from "../contract/versions.ts";
import { decodeRecord, encodeRecord } from "../core/record.ts";
import type { FittedScaler } from "./heads/scaler.ts";
import type { LbfgsState } from "./lbfgs.ts";
import type { Plan } from "./plan.ts";
import { startTemperature, type TemperatureSearch } from "./temperature.ts";

/** The passes of a training, in order; `select` and `score` alternate along the path, most repeat until they converge. */
export type Phase = "scale" | "select" | "score" | "calibrate" | "measure" | "refit" | "test" | "done";

/** One strength of the path, fitted on the training rows and scored on the validation rows. */
export interface Trial {
  readonly l2: number;
  readonly log_loss: number;
  readonly evaluations: number;
}

export interface Checkpoint {
  readonly plan: Plan;
  readonly phase: Phase;
  /** The next block of the phase's pass. */
  readonly cursor: number;
  /** Running sums of the pass, whose type the phase knows. Added to in place: a checkpoint handed on is spent. */
  readonly sums: unknown;
  /** Floating-point operations so far. */
  readonly work: number;
  readonly scaler: FittedScaler | null;
  readonly optimiser: LbfgsState | null;
  readonly trials: readonly Trial[];
  /** The parameters of the best trial: the model that the validation metrics are of. */
  readonly selected: { readonly l2: number; readonly log_loss: number; readonly parameters: Float32Array } | null;
  readonly temperature: TemperatureSearch;
  readonly metrics: TrainingMetrics | null;
  /** The parameters fitted on training and validation rows together: the model that serves. */
  readonly parameters: Float32Array | null;
  /** Evaluations that the final fit took. */
  readonly evaluations: number;
  readonly test: ClassificationMetrics | null;
}

export interface TrainingMetrics {
  readonly validation: ClassificationMetrics;
  readonly eceBefore: number;
}

export function startTraining(plan: Plan): Checkpoint {
  return {
    plan,
    ...{ phase: "scale", cursor: 0, sums: null, work: 0 },
    ...{ scaler: null, optimiser: null, trials: [], selected: null, temperature: startTemperature },
    ...{ metrics: null, parameters: null, evaluations: 0, test: null },
  };
}

export const encodeCheckpoint = (checkpoint: Checkpoint): Uint8Array<ArrayBuffer> => encodeRecord(checkpoint);
export const decodeCheckpoint = (bytes: Uint8Array): Checkpoint => decodeRecord<Checkpoint>(bytes);
