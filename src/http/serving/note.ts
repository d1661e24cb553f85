// Notes an answer: at once what is cheap, after it has gone what is not. Nothing of it can spoil the answer.
import { digestOf, type ParsedInput } from "../../backbones/backbone.ts";
import { toBase64 } from "../../core/bytes.ts";
import { logEvent } from "../../core/log.ts";
import { type Answer, type Question, scoreAs } from "../../serving/answer.ts";
import { capturedInput, isCaptured, recordAnswers, recordShadow } from "../../serving/record.ts";
import type { Tallies } from "../../serving/tallies.ts";
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
  const noted: Noted = { features, options, version, predictions, inputs };
  const tallies = head.reporter.of(head.head, {
    report: (report) => head.rpc().report(report),
    waitUntil: head.waitUntil,
  });
  if (!tallies) return;
  recordAnswers(tallies, noted, head.weights.scalerOf(head.head, head.state, noted.version));
  const later = [...shadowed(head, tallies, noted), ...captured(head, tallies, noted)];
  for (const work of later) head.waitUntil(work.catch(logFailure));
}

const logFailure = (error: unknown): void => logEvent("error", "note_failed", { error: String(error) });

function shadowed(head: OpenHead, tallies: Tallies, noted: Noted): Promise<void>[] {
  const { shadow } = head.state;
  if (!shadow || noted.version === shadow.version) return []; // asked for by its number, it would agree with itself
  const score = async (): Promise<void> =>
    recordShadow(tallies, shadow.version, await scoreAs(shadow.version, head, noted), noted.predictions);
  return [score()];
}

function captured(head: OpenHead, tallies: Tallies, { predictions, inputs, version }: Noted): Promise<void>[] {
  if (!head.state.capture) return [];
  return predictions.flatMap((prediction, i) => {
    const input = inputs[i] as ParsedInput;
    if (!isCaptured(head.state, prediction, Math.random())) return [];
    const keep = async (): Promise<void> =>
      tallies.capture(
        capturedInput({
          ...{ digest: await digestOf(input), input: writtenInput(input), version, prediction, at: Date.now() },
        }),
      );
    return [keep()];
  });
}

/** An input as a caller would write it. */
const writtenInput = ({ text, bytes }: ParsedInput): Record<string, unknown> =>
  text === null ? { features: toBase64(bytes) } : { text };
