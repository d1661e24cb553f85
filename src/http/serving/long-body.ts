// The body of the response to many inputs, written one prediction at a time.
import { utf8 } from "../../core/bytes.ts";
import { streamOf } from "../response/stream.ts";
import { inRequestOrder } from "./answers.ts";
import type { Inputs } from "./parse-input.ts";

export interface LongAnswer {
  readonly version: number;
  /** Predictions as JSON, in order. */
  readonly written: readonly string[];
}

/** The JSON of a response, equal to that of a short one. */
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
