// Records an answer: cheap parts at once, the others after the response was sent. A failure here never affects the response.
import type { ParsedInput } from "../../contract/inputs.ts";
import type { ServingState } from "../../contract/serving-rpc.ts";
import type { Answer, Question } from "../../serving/answer.ts";
import { isCaptured, recordAnswers } from "../../serving/record.ts";
import { capture } from "./capture.ts";
import { logged, type PredictionIds } from "./logged-predictions.ts";
import { noteShadow } from "./note-shadow.ts";
import { logFailure, type Noted, talliesOf } from "./noted.ts";
import type { OpenHead } from "./open-head.ts";

export function note(
  head: OpenHead,
  question: Question,
  answered: Answer,
  inputs: readonly ParsedInput[],
): PredictionIds {
  const ids = notePart(head, { ...question, ...answered, inputs }, 1);
  noteShadow(head, { ...question, ...answered, inputs });
  return ids;
}

/** Records the answers to some inputs of a request. `requests`: 1 for the first part of the request, then 0. */
export function notePart(head: OpenHead, noted: Noted, requests: 0 | 1): PredictionIds {
  if (noted.predictions.length === 0) return null;
  try {
    return record(head, noted, requests);
  } catch (error) {
    logFailure(error);
    return null;
  }
}

function record(head: OpenHead, noted: Noted, requests: 0 | 1): PredictionIds {
  const now = talliesOf(head);
  if (!now) return null;
  recordAnswers(now, noted, head.weights.scalerOf(head.head, head.state, noted.version), requests);
  const keeps = chosen(head.state, noted);
  if (keeps?.includes(true)) head.waitUntil(capture(() => talliesOf(head), noted, keeps).catch(logFailure));
  return logged(head.state, now, noted, keeps);
}

/** Which predictions are captured, by position; null if captures are off. */
const chosen = (state: ServingState, { predictions }: Noted): readonly boolean[] | null =>
  state.capture && predictions.map((prediction) => isCaptured(state, prediction, Math.random()));
