// Notes an answer: at once what is cheap, after it has gone what is not. Nothing of it can spoil the answer.
import { digestOf, type ParsedInput } from "../../backbones/backbone.ts";
import type { ServingReport, ServingState } from "../../contract/serving-rpc.ts";
import { toBase64 } from "../../core/bytes.ts";
import { logEvent } from "../../core/log.ts";
import { makePredictionId } from "../../core/prediction-ids.ts";
import { systemRandom } from "../../core/random.ts";
import { type Answer, type Question, revisionFor, scoreAs } from "../../serving/answer.ts";
import { capturedInput, isCaptured, recordAnswers, recordShadow } from "../../serving/record.ts";
import type { Tallies } from "../../serving/tallies.ts";
import { embedFor } from "./embed.ts";
import type { OpenHead } from "./open-head.ts";

interface Noted extends Answer, Question {
  readonly inputs: readonly ParsedInput[];
}

/** Ids of the predictions that feedback can name, each at its place; null where none has one. */
export type PredictionIds = readonly (string | undefined)[] | null;

export function note(
  head: OpenHead,
  { features, options }: Question,
  answered: Answer,
  inputs: readonly ParsedInput[],
): PredictionIds {
  const { version, predictions } = answered;
  if (predictions.length === 0) return null;
  try {
    return record(head, { features, options, version, predictions, inputs });
  } catch (error) {
    logFailure(error);
    return null;
  }
}

function record(head: OpenHead, noted: Noted): PredictionIds {
  const told = { report: (report: ServingReport) => head.rpc().report(report), waitUntil: head.waitUntil };
  // Asked for anew after every wait: by then, another may count.
  const tallies = (): Tallies | null => head.reporter.of(head.head, told);
  const now = tallies();
  if (!now) return null;
  recordAnswers(now, noted, head.weights.scalerOf(head.head, head.state, noted.version));
  const keeps = chosen(head.state, noted);
  const later = [...shadowed(head, tallies, noted), ...captured(tallies, noted, keeps)];
  for (const work of later) head.waitUntil(work.catch(logFailure));
  return logged(head.state, now, noted, keeps);
}

/** Which predictions are captured, by place; null where captures are off. */
const chosen = (state: ServingState, { predictions }: Noted): readonly boolean[] | null =>
  state.capture && predictions.map((prediction) => isCaptured(state, prediction, Math.random()));

/** Hands every prediction over that the head logs, and those that are captured. */
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
    return tallies.log({ id, at, record }) ? id : undefined;
  });
}

const logFailure = (error: unknown): void => logEvent("error", "note_failed", { error: String(error) });

function shadowed(head: OpenHead, tallies: () => Tallies | null, noted: Noted): Promise<void>[] {
  const { shadow } = head.state;
  if (!shadow || noted.version === shadow.version) return []; // asked for by its number, it would agree with itself
  const score = async (): Promise<void> => {
    const own = await scoreAs(shadow.version, head, await asShadowSees(head.state, shadow.version, noted));
    const now = tallies();
    if (now) recordShadow(now, shadow.version, own, noted.predictions);
  };
  return [score()];
}

/** A shadow of another revision of the backbone needs features of its own. */
async function asShadowSees(state: ServingState, shadow: number, noted: Noted): Promise<Question> {
  if (revisionFor(state, shadow) === revisionFor(state, noted.version)) return noted;
  return { features: await embedFor(state, shadow, noted.inputs), options: noted.options };
}

function captured(
  tallies: () => Tallies | null,
  { predictions, inputs, version }: Noted,
  captures: readonly boolean[] | null,
): Promise<void>[] {
  if (!captures) return [];
  return predictions.flatMap((prediction, i) => {
    const input = inputs[i] as ParsedInput;
    if (!captures[i]) return [];
    const keep = async (): Promise<void> => {
      const digest = await digestOf(input);
      const given = { digest, input: writtenInput(input), version, prediction, at: Date.now() };
      tallies()?.capture(capturedInput(given));
    };
    return [keep()];
  });
}

/** An input as a caller would write it. */
const writtenInput = ({ text, bytes }: ParsedInput): Record<string, unknown> =>
  text === null ? { features: toBase64(bytes()) } : { text };
