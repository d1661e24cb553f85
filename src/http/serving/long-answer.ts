// The response to many inputs: scored, recorded and written in slices, so that other requests need not wait for all of it.
import type { ParsedInput } from "../../contract/inputs.ts";
import type { Prediction } from "../../contract/predict.ts";
import { PREDICT_WORK } from "../../core/work.ts";
import { chooseVersion, type Question, scoreAs } from "../../serving/answer.ts";
import { named } from "./answers.ts";
import { bodyOfLongAnswer } from "./long-body.ts";
import { notePart } from "./note.ts";
import { noteShadow } from "./note-shadow.ts";
import type { OpenHead } from "./open-head.ts";
import type { Inputs } from "./parse-input.ts";
import { rowsPerSlice, slicesOf } from "./slices.ts";

/** The answering version, and its number of rows per slice. */
export interface Slicing {
  readonly version: number;
  readonly most: number;
}

/** Whether there are so many rows that some heads need slices. */
export const areMany = (rows: number): boolean => rows > PREDICT_WORK.inputsAtOnce;

/** The slicing of a question with this many rows; null if it is answered at once. */
export async function slicingOf(head: OpenHead, question: Question, rows: number): Promise<Slicing | null> {
  const version = chooseVersion(head.state, question);
  const most = await rowsPerSlice(version, head);
  return most < rows ? { version, most } : null;
}

export interface RequestedInputs {
  /** The head's id. */
  readonly name: string;
  /** Each input, or the problem with it, in the order of the request. */
  readonly parsed: Inputs;
  /** The inputs without a problem. */
  readonly inputs: readonly ParsedInput[];
}

/** The body of the response. The answers are computed before it is returned, and written while it is read. */
export async function bodyInSlices(
  head: OpenHead,
  { version, most }: Slicing,
  question: Question,
  { name, parsed, inputs }: RequestedInputs,
): Promise<ReadableStream<Uint8Array>> {
  const written: string[] = [];
  const predictions: Prediction[] = [];
  for await (const { from, to, ...slice } of slicesOf(question, inputs.length, most)) {
    const own = await scoreAs(version, head, slice);
    const noted = { ...slice, version, predictions: own, inputs: inputs.slice(from, to) };
    const ids = notePart(head, noted, from === 0 ? 1 : 0);
    for (const prediction of ids ? named(own, ids) : own) written.push(JSON.stringify(prediction));
    if (head.state.shadow) predictions.push(...own);
  }
  if (head.state.shadow) noteShadow(head, { ...question, version, predictions, inputs });
  return bodyOfLongAnswer(name, head.stale, parsed, { version, written });
}
