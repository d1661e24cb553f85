// Parses a JSON document of megabytes in turns of the event loop: one JSON.parse of 32 MiB blocks the thread for hundreds of
// milliseconds. Large arrays and objects are parsed by parts, small ones at once.
import { concatBytes, utf8 } from "./bytes.ts";
import { isSpace, JsonScanner, type SpendBytes } from "./json-scanner.ts";

export interface ParseTools {
  /** Counts bytes that were read to find the ends of values. */
  readonly spend: SpendBytes;
  /** Parses a part of about 64 KiB; only a single text or number may be longer. Throws if it is not JSON. */
  readonly parse: (part: Uint8Array) => Promise<unknown>;
}

/** Bytes that are parsed at once. */
const PART_BYTES = 65_536;
/** Levels that are parsed by parts. Each level is read once more than the level inside it. */
const LEVELS = 8;
const [OPEN_ARRAY, OPEN_OBJECT] = [91, 123];

/** The same result as `JSON.parse` of `json`, in UTF-8. Throws a `SyntaxError`, or what `parse` throws. */
export async function parseInTurns(json: Uint8Array, tools: ParseTools): Promise<unknown> {
  const hasMark = json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf;
  return new Parser(hasMark ? json.subarray(3) : json, tools).whole();
}

interface Takers {
  /** Receives adjacent items, with the commas between them. */
  readonly small: (items: Uint8Array) => Promise<void>;
  /** Receives an item that begins at the scanner's position. */
  readonly large: (end: number) => Promise<void>;
}

class Parser {
  readonly #json: Uint8Array;
  readonly #scanner: JsonScanner;
  readonly #parse: ParseTools["parse"];

  constructor(json: Uint8Array, { spend, parse }: ParseTools) {
    this.#json = json;
    this.#scanner = new JsonScanner(json, spend);
    this.#parse = parse;
  }

  whole(): Promise<unknown> {
    return this.#value(this.#json.length, 0);
  }

  /** The single value between the scanner's position and `end`. */
  async #value(end: number, level: number): Promise<unknown> {
    const scanner = this.#scanner;
    const from = scanner.pastSpace();
    if (isSpace(this.#json[from])) throw new SyntaxError("too much white space before a value");
    const isObject = this.#json[from] === OPEN_OBJECT;
    const isContainer = isObject || this.#json[from] === OPEN_ARRAY;
    if (end - from <= PART_BYTES || !isContainer) return this.#parse(this.#json.subarray(from, end));
    if (level === LEVELS)
      throw new SyntaxError(`more than ${LEVELS} levels of arrays and objects over ${PART_BYTES} bytes`);
    scanner.at = from + 1;
    const value = await (isObject ? this.#object(level) : this.#array(level));
    if (scanner.pastSpace() < end) throw new SyntaxError("more text follows the end of a value");
    return value;
  }

  async #array(level: number): Promise<unknown[]> {
    const items: unknown[] = [];
    await this.#takeItems("]", {
      small: async (some) => {
        for (const item of (await this.#parse(around("[", some, "]"))) as unknown[]) items.push(item);
      },
      large: async (end) => void items.push(await this.#value(end, level + 1)),
    });
    return items;
  }

  async #object(level: number): Promise<object> {
    const entries: [string, unknown][] = [];
    await this.#takeItems("}", {
      small: async (some) => {
        for (const entry of Object.entries((await this.#parse(around("{", some, "}"))) as object)) entries.push(entry);
      },
      large: async (end) => void entries.push([await this.#name(), await this.#value(end, level + 1)]),
    });
    return Object.fromEntries(entries);
  }

  /** Skips the name of a field and the colon after it. */
  async #name(): Promise<string> {
    const from = this.#scanner.pastSpace();
    const isString = this.#scanner.skipShortString();
    const name = this.#json.subarray(from, this.#scanner.at);
    if (!isString || !this.#scanner.takes(":")) throw new SyntaxError("a field has no name, or its name is too long");
    return (await this.#parse(name)) as string;
  }

  /** Skips the items of an array or object, and its `close`. */
  async #takeItems(close: string, { small, large }: Takers): Promise<void> {
    const scanner = this.#scanner;
    if (scanner.takes(close)) return;
    let run = { from: scanner.at, end: scanner.at };
    const takeRun = async (): Promise<void> => {
      const at = scanner.at;
      if (run.end > run.from) await small(this.#json.subarray(run.from, run.end));
      scanner.at = at;
    };
    do {
      const from = scanner.pastSpace();
      if (!scanner.skipShortItem()) await scanner.skipItem();
      const end = scanner.at;
      if (end === from) throw new SyntaxError("a value is missing");
      const isLarge = end - from > PART_BYTES;
      run = isLarge ? run : { from: run.end > run.from ? run.from : from, end };
      if (!isLarge && end - run.from <= PART_BYTES) continue;
      await takeRun();
      run = { from: end, end };
      if (isLarge) await this.#takeLarge(from, end, large);
    } while (scanner.takes(","));
    await takeRun();
    if (!scanner.takes(close)) throw new SyntaxError(`an array or object does not end with "${close}"`);
  }

  async #takeLarge(from: number, end: number, large: Takers["large"]): Promise<void> {
    this.#scanner.at = from;
    await large(end);
    this.#scanner.at = end;
  }
}

const around = (open: string, items: Uint8Array, close: string): Uint8Array =>
  concatBytes([utf8(open), items, utf8(close)]);
