// Finds the items of a large array in a JSON object, such as `{"examples":[…]}`, so that each can be parsed separately: one
// JSON.parse of 32 MiB blocks the thread for hundreds of milliseconds. Whether an item is valid JSON is left to its parser.
import { concatBytes } from "./bytes.ts";
import type { Turns } from "./turns.ts";

export interface JsonItems {
  /** Start and end of each item, in bytes. */
  readonly spans: readonly { readonly from: number; readonly to: number }[];
  /** Whether there are more items than requested. */
  readonly hasMore: boolean;
}

/** The items, and the object without them. */
export interface JsonItemsAndRest extends JsonItems {
  /** The object with an empty array instead of the items. */
  readonly rest: Uint8Array;
}

/** Bytes read between two counts of work. */
const READ_BYTES = 65_536;
const [QUOTE, BACKSLASH, COMMA] = [34, 92, 44];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

export interface ItemsAsked {
  readonly field: string;
  readonly most: number;
  readonly turns: Turns;
  /** Work of reading one byte, in the unit of `turns`. */
  readonly perByte: number;
}

/** The items of `{"<field>": [ … ]}`; null if the document has any other form. */
export async function itemsOfOnlyField(json: Uint8Array, asked: ItemsAsked): Promise<JsonItems | null> {
  const scanner = new Scanner(json, asked);
  if (!["{", `"${asked.field}"`, ":", "["].every((token) => scanner.takes(token))) return null;
  const items = await itemsAt(scanner, asked);
  return items && (items.hasMore || scanner.isAtEnd()) ? items : null;
}

/** The items of `{…, "<field>": [ … ], …}`; null if the document has no such field. */
export async function itemsOfField(json: Uint8Array, asked: ItemsAsked): Promise<JsonItemsAndRest | null> {
  const scanner = new Scanner(json, asked);
  if (!scanner.takes("{")) return null;
  while (!scanner.takes(`"${asked.field}"`)) if (!(await scanner.skipItem()) || !scanner.takes(",")) return null;
  if (!scanner.takes(":") || !scanner.takes("[")) return null;
  const from = scanner.at;
  const items = await itemsAt(scanner, asked);
  // The scanner is at the byte after the "]".
  return items && { ...items, rest: concatBytes([json.subarray(0, from), json.subarray(scanner.at - 1)]) };
}

/** The items of an array; the scanner is after its "[". */
async function itemsAt(scanner: Scanner, { most }: ItemsAsked): Promise<JsonItems | null> {
  const spans: { from: number; to: number }[] = [];
  if (scanner.takes("]")) return { spans, hasMore: false };
  do {
    if (spans.length === most) return { spans, hasMore: true };
    const from = scanner.at;
    if (!(await scanner.skipItem())) return null;
    spans.push({ from, to: scanner.at });
  } while (scanner.takes(","));
  return scanner.takes("]") ? { spans, hasMore: false } : null;
}

class Scanner {
  readonly #json: Uint8Array;
  readonly #asked: ItemsAsked;
  at = 0;

  constructor(json: Uint8Array, asked: ItemsAsked) {
    this.#json = json;
    this.#asked = asked;
  }

  /** Skips white space and `token`. Stays in place if something else follows. */
  takes(token: string): boolean {
    const from = this.#pastSpace();
    for (let i = 0; i < token.length; i++) if (this.#json[from + i] !== token.charCodeAt(i)) return false;
    this.at = from + token.length;
    return true;
  }

  /** Whether the document's object ends here, with nothing after it. */
  isAtEnd(): boolean {
    return this.takes("}") && this.#pastSpace() === this.#json.length;
  }

  #pastSpace(): number {
    let at = this.at;
    while (isSpace(this.#json[at])) at++;
    return at;
  }

  /**
   * Skips to the end of an item: a comma or a bracket outside of its strings, arrays and objects. Returns false if there is
   * none.
   */
  async skipItem(): Promise<boolean> {
    const state = { depth: 0, isInString: false };
    while (this.at < this.#json.length) {
      const from = this.at;
      const isOver = this.#read(state, Math.min(this.#json.length, from + READ_BYTES));
      await this.#asked.turns.spend(this.#asked.perByte * (this.at - from));
      if (isOver) return true;
    }
    return false;
  }

  /** Reads up to `end`. Returns true at the end of the item. */
  #read(state: { depth: number; isInString: boolean }, end: number): boolean {
    const json = this.#json;
    let { depth, isInString } = state;
    let at = this.at;
    for (; at < end; at++) {
      const byte = json[at];
      if (isInString) {
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) isInString = false;
      } else if (byte === QUOTE) isInString = true;
      else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
      else if (depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)) break;
      else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
    }
    state.depth = depth;
    state.isInString = isInString;
    this.at = at;
    return at < end;
  }
}

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;
