// Uploads as NDJSON: one example per line, any number of lines, at most one line in memory.
import type { RowRules } from "../../backbones/example-row.ts";
import { kindOf } from "../../contract/inputs.ts";
import { concatBytes } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Turns } from "../../core/turns.ts";
import { UPLOAD_WORK } from "../../core/work.ts";
import type { RowMemory } from "../request/reserve-memory.ts";
import { type RawRow, smallPiecesOf } from "./rows.ts";

const LINE_FEED = 10;

export async function* ndjsonRows(
  request: Request,
  turns: Turns,
  { backbone }: RowRules,
  memory: RowMemory,
): AsyncGenerator<RawRow> {
  const lines = new Lines(kindOf(backbone.modality).jsonBytes);
  for await (const piece of smallPiecesOf(request.body, turns))
    yield* rowsOf(lines.read(piece), lines.mostBytes, turns, memory);
  yield* rowsOf(lines.end(), lines.mostBytes, turns, memory);
}

interface Line {
  /** Number of the line in the file, counted from 1. */
  readonly number: number;
  /** The bytes of the line without its end; null if the line is too long. */
  readonly bytes: Uint8Array | null;
}

/**
 * Blank lines are not rows. Those with white space beyond ASCII are recognised only after decoding, which costs as much as a
 * row.
 */
async function* rowsOf(
  lines: Iterable<Line>,
  mostBytes: number,
  turns: Turns,
  memory: RowMemory,
): AsyncGenerator<RawRow> {
  for (const { number: line, bytes } of lines) {
    const isLong = bytes !== null && bytes.byteLength > LIMITS.streamedFileBytes;
    if (isLong) await memory.hold(bytes.byteLength);
    const text = bytes === null ? tooLong(mostBytes) : textOf(bytes);
    if (isLong) await turns.take(); // of 22 MB, joining and decoding take 10 ms, and parsing takes 20
    const row = typeof text === "string" ? rowOf(text) : text;
    if (row) yield { ...row, line };
    else await turns.spend(UPLOAD_WORK.perRow);
    if (isLong) memory.letGo();
  }
}

const tooLong = (most: number): RawRow => ({
  problem: { code: "invalid_example", detail: `the line is over ${most} bytes` },
});

/** The ASCII characters that a blank line may contain. */
const isSpace = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** The text of a line, or the row with its problem. */
function textOf(line: Uint8Array): string | RawRow {
  try {
    return strictUtf8.decode(line);
  } catch (error) {
    return notJson(error as Error);
  }
}

/** null for a blank line. */
function rowOf(text: string): RawRow | null {
  try {
    return text.trim() === "" ? null : { value: JSON.parse(text) as unknown };
  } catch (error) {
    return notJson(error as Error);
  }
}

const notJson = ({ message }: Error): RawRow => ({
  problem: { code: "invalid_json", detail: `the line is not JSON in UTF-8: ${message}` },
});

/** Divides a stream of bytes into lines. A line that is too long is discarded while it is read. */
class Lines {
  readonly mostBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #number = 1;

  /** `mostBytes`: of one line. */
  constructor(mostBytes: number) {
    this.mostBytes = mostBytes;
  }

  /** The lines that end in `piece`, without most blank ones. */
  *read(piece: Uint8Array): Generator<Line> {
    let from = this.#pastBlankLines(piece, 0);
    for (let at = piece.indexOf(LINE_FEED, from); at >= 0; at = piece.indexOf(LINE_FEED, from)) {
      yield this.#line(piece.subarray(from, at));
      from = this.#pastBlankLines(piece, at + 1);
    }
    this.#keep(piece.slice(from));
  }

  /**
   * Skips and counts the blank lines that follow. A body may consist of millions of them: each costs one comparison, and no
   * object.
   */
  #pastBlankLines(piece: Uint8Array, from: number): number {
    let start = from;
    if (this.#bytes > 0) return start;
    for (let at = from; isSpace(piece[at]); at++) {
      if (piece[at] !== LINE_FEED) continue;
      start = at + 1;
      this.#number++;
    }
    return start;
  }

  /** The last line, if the file does not end with a line feed. */
  *end(): Generator<Line> {
    if (this.#bytes > 0) yield this.#line(new Uint8Array());
  }

  #line(rest: Uint8Array): Line {
    this.#keep(rest);
    const bytes = this.#bytes > this.mostBytes ? null : concatBytes(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return { number: this.#number++, bytes };
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.byteLength;
    if (this.#bytes > this.mostBytes) this.#parts = [];
    else if (part.byteLength > 0) this.#parts.push(part);
  }
}
