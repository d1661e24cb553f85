// Records an answer: counts, measures of the features, and the input itself if the tenant enabled captures.
import type { Prediction } from "../contract/predict.ts";
import type { CapturedAnswer, CapturedInput, ServingState } from "../contract/serving-rpc.ts";
import type { Scaler } from "../engine/heads/scaler.ts";
import { measuresOf } from "./measures.ts";
import { agree, bestScoreOf, figureOf, uncertaintyOf } from "./prediction-forms.ts";
import { addPrediction, type Tallies } from "./tallies.ts";

export interface Recorded {
  readonly version: number;
  readonly predictions: readonly Prediction[];
  /** [rows][dimension] */
  readonly features: Float32Array;
}

/**
 * Adds answers to the counts of their version. `scaler`: of that version, if its weights are cached. `requests`: number of
 * requests answered; 0 for a further part of a request.
 */
export function recordAnswers(
  tallies: Tallies,
  { version, predictions, features }: Recorded,
  scaler: Scaler | null,
  requests = 1,
): void {
  const tally = tallies.of(version);
  tally.requests += requests;
  const dims = features.length / predictions.length;
  predictions.forEach((prediction, r) => {
    addPrediction(tally, prediction);
    if (scaler && tallies.takesMeasures())
      tally.measures.push(...measuresOf(features.subarray(r * dims, (r + 1) * dims), scaler));
  });
}

/** Adds a shadow's answers to its counts, compared with the real answers. */
export function recordShadow(
  tallies: Tallies,
  version: number,
  own: readonly Prediction[],
  answered: readonly Prediction[],
): void {
  const tally = tallies.of(version);
  own.forEach((prediction, r) => {
    const other = answered[r];
    if (!other) return;
    tally.compared++;
    tally.scoreSum += figureOf(prediction);
    if (agree(prediction, other)) tally.agreed++;
  });
}

/** Whether an answer is captured for review. `draw`: uniform in [0, 1). */
export function isCaptured({ capture }: ServingState, prediction: Prediction, draw: number): boolean {
  if (!capture) return false;
  const score = bestScoreOf(prediction);
  const isDoubtful = capture.below !== undefined && score !== null && score < capture.below;
  return isDoubtful || draw < capture.rate;
}

export const capturedInput = (digest: string, answer: CapturedAnswer, at: number): CapturedInput => ({
  digest,
  record: JSON.stringify(answer),
  uncertainty: uncertaintyOf(answer.prediction),
  at,
});
