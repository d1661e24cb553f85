// Captures answers for review, after the response was sent.
import { digestOf, type ParsedInput, writtenInput } from "../../contract/inputs.ts";
import { LIMITS } from "../../core/limits.ts";
import { Turns } from "../../core/turns.ts";
import { PREDICT_WORK } from "../../core/work.ts";
import type { Answer } from "../../serving/answer.ts";
import { capturedInput } from "../../serving/record.ts";
import type { Tallies } from "../../serving/tallies.ts";
import { mayFit } from "./noted.ts";

interface Answered extends Answer {
  readonly inputs: readonly ParsedInput[];
}

/** Captures the selected answers, with a turn of the event loop every few milliseconds. */
export async function capture(
  tallies: () => Tallies | null,
  { predictions, inputs, version }: Answered,
  captures: readonly boolean[],
): Promise<void> {
  const turns = new Turns(PREDICT_WORK.perTurn);
  for (const [i, prediction] of predictions.entries()) {
    if (!captures[i] || tallies()?.isFullOfCaptures()) continue;
    const input = inputs[i] as ParsedInput;
    if (!mayFit(input)) continue;
    const digest = await digestOf(input);
    const captured = capturedInput(digest, { input: writtenInput(input), version, prediction }, Date.now());
    if (captured.record.length <= LIMITS.chunkBytes) tallies()?.capture(captured); // else it does not fit into a row
    await turns.spend(PREDICT_WORK.perCapturedCharacter * captured.record.length);
  }
}
