// Puts the predictions of a request in the places of its inputs.
import type { Prediction } from "../../contract/predict.ts";
import { isProblem } from "../../contract/row-problem.ts";
import type { PredictionIds } from "./logged-predictions.ts";
import type { Inputs } from "./parse-input.ts";

/** Predictions with their ids, if they have some. */
export const named = (predictions: readonly Prediction[], ids: NonNullable<PredictionIds>): Prediction[] =>
  predictions.map((prediction, i) => (ids[i] === undefined ? prediction : { id: ids[i], ...prediction }));

/** A result for every input, in order: a prediction, or the problem with the input. */
export function inRequestOrder<Answered>(parsed: Inputs, predictions: readonly Answered[]) {
  let next = 0;
  return parsed.map((input) =>
    isProblem(input) ? { error: { code: input.code, detail: input.detail } } : (predictions[next++] as Answered),
  );
}
