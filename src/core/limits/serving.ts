// Limits of predictions: requests, replicas, captures and the prediction log, with unit and reason.
import { MIB } from "./units.ts";

export const SERVING_LIMITS = {
  /** Versions that share traffic, and previous splits that can be restored: more than anyone uses. */
  sharesOfTraffic: 10,
  splitsBefore: 50,
  /**
   * Bytes of weights that one Worker keeps in memory. A thousand heads of 10 labels on 384 dimensions take 31 MB: padded
   * weights, scaler and conformal thresholds. A bound of 16 MiB holds about 530 of them: if a thousand are requested in turn,
   * every prediction then first reads a version from the head's object (`npm run bench:cold`). While trainings reserve memory
   * it is less: see `sharedBytes`.
   */
  replicaBytes: 32 * MIB,
  /** Heads whose live version one Worker caches, at a few hundred bytes each. */
  replicaHeads: 10_000,
  /** Milliseconds a prediction waits for fresh information about the live version, before it uses the last known one. */
  replicaWaitMs: 500,
  /** Captured inputs and counts that a Worker holds until it reports to the object; further captures are dropped. */
  reportedCaptures: 200,
  /** Characters of these captures: stored in some milliseconds. May be exceeded by less than one capture. */
  reportedCaptureChars: 2 * MIB,
  reportedHeads: 1_000,
  /** Predictions per report whose features are measured for drift: enough for a distribution, and cheap for a batch. */
  measuredPerReport: 256,
  /**
   * Captured inputs stored for a head, and bytes of them with their answers; the oldest are deleted first. That is a fortieth of an
   * object's 10 GB, or 140 of the largest files.
   */
  capturesPerHead: 10_000,
  capturedBytesPerHead: 256 * MIB,
  captureDays: 365,
  /** Hours that feedback can refer to a prediction: the contract's number. */
  predictionLogHours: 24,
  /** Predictions that a head stores for feedback, and characters of their inputs; the oldest are deleted first. */
  loggedPredictions: 100_000,
  loggedPredictionChars: 64 * MIB,
  /** Predictions in one report of a Worker to the head, which covers a second, and their characters: further ones get no id. */
  reportedPredictions: 1_000,
  reportedPredictionChars: 4 * MIB,
  /** A predict request with texts or vectors: 256 vectors of 4,096 numbers at 8 characters each. */
  predictBodyBytes: 8 * MIB,
  /** A predict request with images or sound, encoded as base64. */
  predictMediaBytes: 32 * MIB,
  /**
   * A predict request with only vectors and options, up to this size, is parsed at once in about 5 ms; a larger one input by
   * input.
   */
  plainRowsBytes: MIB,
  /** Captures in one page of a list: one with a thousand scores has 60 KB. */
  capturePageChars: MIB,
  /** Inputs in one predict request: the contract's number. */
  inputsPerPredict: 256,
} as const;
