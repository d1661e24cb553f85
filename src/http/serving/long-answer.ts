// The response to many inputs: scored, recorded and written in slices, so that other requests need not wait for all of it.
import type { ParsedInput } from "../../contract/inputs.ts";
import type { Prediction } from "../../contract/predict.ts";
import { utf8 } from "../../core/bytes.ts";
import { PREDICT_WORK } from "../../core/work.ts";
import { chooseVersion, type Question, scoreAs } from "../../serving/answer.ts";
import { streamOf } from "../response/stream.ts";
import { inRequestOrder, named } from "./answers.ts";
import { notePart, noteShadow } from "./note.ts";
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

export interface LongAnswer {
  readonly version: number;
  /** Predictions as JSON, in order. */
  readonly written: readonly string[];
}

export async function answerInSlices(
  head: OpenHead,
  { version, most }: Slicing,
  question: Question,
  inputs: readonly ParsedInput[],
): Promise<LongAnswer> {
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
  return { version, written };
}

/** The same body as of a short response, written one prediction at a time. */
export const bodyOfLongAnswer = (...given: Parameters<typeof piecesOf>): ReadableStream<Uint8Array> =>
  streamOf(piecesOf(...given));

async function* piecesOf(
  head: string,
  isStale: boolean,
  parsed: Inputs,
  { version, written }: LongAnswer,
): AsyncGenerator<Uint8Array> {
  yield utf8(`{"head":${JSON.stringify(head)},"version":${version},"predictions":[`);
  let separator = "";
  for (const one of inRequestOrder(parsed, written)) {
    yield utf8(separator + (typeof one === "string" ? one : JSON.stringify(one)));
    separator = ",";
  }
  yield utf8(isStale ? '],"stale":true}' : "]}");
}
