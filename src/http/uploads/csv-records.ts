// Splits a stream of CSV (RFC 4180) into records: bytes in, fields out, at most one record in memory. It reads one piece of the
// body at a time, so that its caller decides how much is done between two turns of the event loop.
import { concatBytes } from "../../core/bytes.ts";

/** A record with its fields, or with its problem. `isLast`: nothing can be read after it. */
export interface CsvRecord {
  /** Line of the file where the record begins, counted from 1. */
  readonly line: number;
  readonly bytes: number;
  readonly fields: readonly string[] | null;
  readonly problem: string;
  readonly isLast: boolean;
}

const [LF, CR, QUOTE, COMMA] = [10, 13, 34, 44];
const UTF8_MARK = [0xef, 0xbb, 0xbf];

/** Position in a record. CLOSING: after a quote that ends the field, unless another quote follows. */
const [START, PLAIN, QUOTED, CLOSING] = [0, 1, 2, 3];

export class CsvRecords {
  readonly #mostBytes: number;
  #place = START;
  #hasQuotes = false;
  #previous = 0;
  /** Bytes of the UTF-8 byte order mark seen at the beginning of the file; null once decided. */
  #mark: number | null = 0;
  /** The record so far, without its part in the current piece. */
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #line = 1;
  #firstLine = 1;

  /** `mostBytes`: of one record. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The records that end in `piece`. */
  *read(piece: Uint8Array): Generator<CsvRecord> {
    let from = this.#pastMark(piece);
    for (let end = this.#nextEnd(piece, from); end >= 0; end = this.#nextEnd(piece, from)) {
      if (end > from || this.#bytes > 0) yield this.#record(piece.subarray(from, end));
      from = end + 1;
      this.#firstLine = this.#line;
    }
    this.#keep(piece.slice(from));
    if (this.#bytes > this.#mostBytes) yield this.#tooLong();
  }

  /** The last record, if no line end follows it. */
  *end(): Generator<CsvRecord> {
    if (this.#place === QUOTED) yield this.#broken("a quote is opened and never closed");
    else if (this.#bytes > 0) yield this.#record(new Uint8Array());
  }

  /**
   * End of the record that continues at `from`; −1 if it is not in the piece. A quote opens a field only as its first
   * character.
   */
  #nextEnd(piece: Uint8Array, from: number): number {
    let place = this.#place;
    let previous = this.#previous;
    let at = from;
    for (; at < piece.length; at++) {
      const byte = piece[at] as number;
      const isBreak = byte === LF || byte === CR;
      if (isBreak && !(byte === LF && previous === CR)) this.#line++;
      previous = byte;
      if (place === QUOTED) {
        if (byte === QUOTE) place = CLOSING;
      } else if (byte === QUOTE) {
        if (place === PLAIN) continue;
        place = QUOTED;
        this.#hasQuotes = true;
      } else {
        place = isBreak || byte === COMMA ? START : PLAIN;
        if (isBreak) break;
      }
    }
    this.#place = place;
    this.#previous = previous;
    return at < piece.length ? at : -1;
  }

  #record(rest: Uint8Array): CsvRecord {
    this.#keep(rest);
    if (this.#bytes > this.#mostBytes) return this.#tooLong();
    const text = textOf(concatBytes(this.#parts));
    const read = { line: this.#firstLine, bytes: this.#bytes, isLast: false };
    const fields = text === null ? null : this.#hasQuotes ? quotedFields(text) : text.split(",");
    this.#parts = [];
    this.#bytes = 0;
    this.#hasQuotes = false;
    return { ...read, fields, problem: fields ? "" : "the row is not UTF-8; save the file as UTF-8 and send it again" };
  }

  #keep(part: Uint8Array): void {
    if (part.byteLength > 0) this.#parts.push(part);
    this.#bytes += part.byteLength;
  }

  /** Skips what is left of a byte order mark. */
  #pastMark(piece: Uint8Array): number {
    let at = 0;
    while (this.#mark !== null && at < piece.length) {
      if (piece[at] !== UTF8_MARK[this.#mark]) {
        this.#keep(Uint8Array.from(UTF8_MARK.slice(0, this.#mark)));
        this.#mark = null;
      } else {
        at++;
        this.#mark = this.#mark === 2 ? null : this.#mark + 1;
      }
    }
    return at;
  }

  #tooLong(): CsvRecord {
    const quote = this.#place === QUOTED ? "; a quote in it is never closed" : "";
    return this.#broken(`the record is over ${this.#mostBytes} bytes${quote}`);
  }

  #broken(problem: string): CsvRecord {
    this.#parts = [];
    this.#bytes = 0;
    return {
      line: this.#firstLine,
      bytes: 0,
      fields: null,
      problem: `${problem}: the CSV cannot be read on from here`,
      isLast: true,
    };
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

function quotedFields(record: string): string[] {
  const fields: string[] = [];
  for (let at = 0; ; ) {
    const { field, end } = record[at] === '"' ? quotedField(record, at) : plainField(record, at);
    fields.push(field);
    if (end >= record.length) return fields;
    at = end + 1;
  }
}

interface Field {
  readonly field: string;
  /** Position of the comma after it, or the end of the record. */
  readonly end: number;
}

function plainField(record: string, from: number): Field {
  const comma = record.indexOf(",", from);
  const end = comma < 0 ? record.length : comma;
  return { field: record.slice(from, end), end };
}

/** A field that continues after its closing quote is used unchanged, with its quotes. */
function quotedField(record: string, from: number): Field {
  let quote = record.indexOf('"', from + 1);
  while (record[quote + 1] === '"') quote = record.indexOf('"', quote + 2);
  const inside = record.slice(from + 1, quote).replaceAll('""', '"');
  const { field: after, end } = plainField(record, quote + 1);
  return { field: after === "" ? inside : `"${inside}"${after}`, end };
}
