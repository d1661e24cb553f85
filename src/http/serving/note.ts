// Records an answer: cheap parts at once, the others after the response was sent. A failure here never affects the response.
import { type ParsedInput, writtenInput } from "../../contract/inputs.ts";
import type { ServingReport, ServingState } from "../../contract/serving-rpc.ts";
import { LIMITS } from "../../core/limits.ts";
import { logEvent } from "../../core/log.ts";
import { makePredictionId } from "../../core/prediction-ids.ts";
import { systemRandom } from "../../core/random.ts";
import { type Answer, type Question, revisionFor } from "../../serving/answer.ts";
import { isCaptured, recordAnswers, recordShadow } from "../../serving/record.ts";
import type { Tallies } from "../../serving/tallies.ts";
import { capture } from "./capture.ts";
import { embedFor } from "./embed.ts";
import type { OpenHead } from "./open-head.ts";
import { scoreInSlices } from "./slices.ts";

export interface Noted extends Answer, Question {
  readonly inputs: readonly ParsedInput[];
}

/** Ids of the predictions that feedback can refer to, by position; null if there are none. */
export type PredictionIds = readonly (string | undefined)[] | null;

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

/** Compares the answers of a request with those of the head's shadow, if it has one. */
export function noteShadow(head: OpenHead, noted: Noted): void {
  const { shadow } = head.state;
  if (!shadow || noted.version === shadow.version) return; // a shadow requested by its number would be compared with itself
  if (noted.predictions.length === 0 || !talliesOf(head)) return;
  head.waitUntil(compareWithShadow(head, shadow.version, noted).catch(logFailure));
}

/** Called again after every wait, because another Tallies may be in use by then. */
function talliesOf(head: OpenHead): Tallies | null {
  const { born } = head.state;
  const report = (own: ServingReport) => head.rpc().report({ ...own, born });
  return head.reporter.of(`${head.head} ${born}`, { report, waitUntil: head.waitUntil });
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

/** Reports every prediction if the head logs them, and those that are captured. */
function logged(
  { logHours }: ServingState,
  tallies: Tallies,
  { predictions, inputs, version }: Noted,
  captures: readonly boolean[] | null,
): PredictionIds {
  if (logHours === 0 && !captures) return null;
  const at = Date.now();
  return predictions.map((_, i) => {
    if (logHours === 0 && !captures?.[i]) return undefined;
    const id = makePredictionId(at, systemRandom);
    const record = JSON.stringify({ input: writtenInput(inputs[i] as ParsedInput), version });
    if (record.length > LIMITS.chunkBytes) return undefined; // it does not fit into a row
    return tallies.log({ id, at, record }) ? id : undefined;
  });
}

const logFailure = (error: unknown): void => logEvent("error", "note_failed", { error: String(error) });

async function compareWithShadow(head: OpenHead, shadow: number, noted: Noted): Promise<void> {
  const question = await asShadowSees(head, shadow, noted);
  const own = await scoreInSlices(shadow, head, question, noted.predictions.length);
  const now = talliesOf(head);
  if (now) recordShadow(now, shadow, own, noted.predictions);
}

/** A shadow with another backbone revision needs its own features. */
async function asShadowSees(head: OpenHead, shadow: number, noted: Noted): Promise<Question> {
  const { state } = head;
  if (revisionFor(state, shadow) === revisionFor(state, noted.version)) return noted;
  return { features: await embedFor(head, shadow, noted.inputs), options: noted.options };
}
