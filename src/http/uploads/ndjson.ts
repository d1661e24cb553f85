// Uploads as NDJSON: one example a line, any number of lines, never more than one line in memory.
import { concatBytes } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { RawRow } from "./rows.ts";

const LINE_FEED = 10;

export async function* ndjsonRows(request: Request): AsyncGenerator<RawRow> {
  for await (const line of lines(request.body)) {
    const row = line === "too long" ? tooLong : parseLine(line);
    if (row) yield row;
  }
}

const tooLong: RawRow = { problem: { code: "invalid_example", detail: `the line is over ${LIMITS.lineBytes} bytes` } };

/** null for a blank line. */
function parseLine(line: Uint8Array): RawRow | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(line);
    return text.trim() === "" ? null : { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: { code: "invalid_json", detail: `the line is not JSON in UTF-8: ${(error as Error).message}` } };
  }
}

/** Lines of a stream of bytes, without their ends; an over-long one is dropped as it passes and told as such. */
async function* lines(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array | "too long"> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const take = (part: Uint8Array): void => {
    bytes += part.byteLength;
    if (bytes <= LIMITS.lineBytes) parts.push(part);
    else parts = [];
  };
  const end = (): Uint8Array | "too long" => {
    const line = bytes > LIMITS.lineBytes ? "too long" : concatBytes(parts);
    parts = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of body ?? []) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      take(chunk.subarray(from, at));
      yield end();
      from = at + 1;
    }
    take(chunk.slice(from));
  }
  if (bytes > 0) yield end();
}
