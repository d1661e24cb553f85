// Notes an answer: at once what is cheap, after it has gone what is not. Nothing of it can spoil the answer.
import { digestOf, type ParsedInput } from "../../backbones/backbone.ts";
import type { ServingReport, ServingState } from "../../contract/serving-rpc.ts";
import { toBase64 } from "../../core/bytes.ts";
import { logEvent } from "../../core/log.ts";
import { type Answer, type Question, revisionFor, scoreAs } from "../../serving/answer.ts";
import { capturedInput, isCaptured, recordAnswers, recordShadow } from "../../serving/record.ts";
import type { Tallies } from "../../serving/tallies.ts";
import { embedFor } from "./embed.ts";
import type { OpenHead } from "./open-head.ts";

interface Noted extends Answer, Question {
  readonly inputs: readonly ParsedInput[];
}

export function note(
  head: OpenHead,
  { features, options }: Question,
  answered: Answer,
  inputs: readonly ParsedInput[],
): void {
  const { version, predictions } = answered;
  if (predictions.length === 0) return;
  try {
    record(head, { features, options, version, predictions, inputs });
  } catch (error) {
    logFailure(error);
  }
}

function record(head: OpenHead, noted: Noted): void {
  const told = { report: (report: ServingReport) => head.rpc().report(report), waitUntil: head.waitUntil };
  // Asked for anew after every wait: by then, another may count.
  const tallies = (): Tallies | null => head.reporter.of(head.head, told);
  const now = tallies();
  if (!now) return;
  recordAnswers(now, noted, head.weights.scalerOf(head.head, head.state, noted.version));
  const later = [...shadowed(head, tallies, noted), ...captured(head, tallies, noted)];
  for (const work of later) head.waitUntil(work.catch(logFailure));
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
  head: OpenHead,
  tallies: () => Tallies | null,
  { predictions, inputs, version }: Noted,
): Promise<void>[] {
  if (!head.state.capture) return [];
  return predictions.flatMap((prediction, i) => {
    const input = inputs[i] as ParsedInput;
    if (!isCaptured(head.state, prediction, Math.random())) return [];
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
