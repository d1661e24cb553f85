// Reads JSON with every digit of its numbers (exact-number.ts), and gives the event loop turns on the way: JSON.parse is one block
// of work, whose length the sender decides. Takes what JSON.parse takes (RFC 8259), within bounds.
import type { Turns } from "../core/turns.ts";
import { HOOK_WORK } from "../core/work.ts";
import { exactNumberOf } from "./exact-number.ts";

/** How much a document may hold. */
export interface JsonBounds {
  /** Values: objects, arrays, texts, numbers and literals. */
  readonly values: number;
  /** Levels of arrays and objects. */
  readonly depth: number;
}

/** The value; or what there is too much of, as a phrase that follows "the payload". */
export type ExactJson = { readonly value: unknown } | { readonly excess: string };

/** Throws a SyntaxError where `json` is not JSON. */
export const readExactJson = (json: string, bounds: JsonBounds, turns: Turns): Promise<ExactJson> =>
  new Reader(json, bounds, turns).read();

/** An array or an object that is not closed yet, and the field of the object that is being read. */
type Open = { readonly array: unknown[] } | { readonly object: Record<string, unknown>; name: string };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What no string holds as it is: an escape is to be decoded, a control character is a mistake. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NOT_PLAIN = /[\\\u0000-\u001f]/;
const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
/** Values between two counts of work. */
const VALUES_A_COUNT = 256;
/** Of a value that holds others: it is complete once it is closed. */
const OPENED = Symbol("opened");

class Reader {
  readonly #json: string;
  readonly #bounds: JsonBounds;
  readonly #turns: Turns;
  /** From the outermost. */
  readonly #open: Open[] = [];
  #root: unknown;
  #at = 0;
  #values = 0;
  #counted = { at: 0, values: 0 };

  constructor(json: string, bounds: JsonBounds, turns: Turns) {
    this.#json = json;
    this.#bounds = bounds;
    this.#turns = turns;
  }

  async read(): Promise<ExactJson> {
    for (;;) {
      if (++this.#values > this.#bounds.values) return { excess: `holds more than ${this.#bounds.values} values` };
      if (this.#open.length > this.#bounds.depth)
        return { excess: `is nested deeper than ${this.#bounds.depth} levels` };
      const value = this.#value();
      if (value !== OPENED && this.#put(value)) return this.#whole();
      if (this.#values - this.#counted.values >= VALUES_A_COUNT) await this.#count();
    }
  }

  async #count(): Promise<void> {
    const [values, characters] = [this.#values - this.#counted.values, this.#at - this.#counted.at];
    this.#counted = { at: this.#at, values: this.#values };
    await this.#turns.spend(values * HOOK_WORK.perValue + characters * HOOK_WORK.perCharacter);
  }

  /** The document's value, once nothing is open: nothing may follow. */
  #whole(): ExactJson {
    if (this.#next() !== "") throw this.#mistake();
    return { value: this.#root };
  }

  /** The next value; OPENED where an array or an object begins that holds something. */
  #value(): unknown {
    const next = this.#next();
    if (next === '"') return this.#string();
    if (next === "[") return this.#opened({ array: [] }, "]");
    if (next === "{") return this.#opened({ object: {}, name: "" }, "}");
    return this.#number() ?? this.#literal();
  }

  #opened(opened: Open, end: string): unknown {
    this.#at++;
    if (this.#takes(end)) return containerIn(opened);
    if ("object" in opened) opened.name = this.#name();
    this.#open.push(opened);
    return OPENED;
  }

  /** Puts a complete value where it belongs, and closes what ends with it. true: the document's value is complete. */
  #put(complete: unknown): boolean {
    for (let value = complete; ; ) {
      const into = this.#open.at(-1);
      if (!into) {
        this.#root = value;
        return true;
      }
      if ("array" in into) into.array.push(value);
      else setField(into, value);
      if (this.#takes(",")) {
        if ("object" in into) into.name = this.#name();
        return false;
      }
      if (!this.#takes("array" in into ? "]" : "}")) throw this.#mistake();
      this.#open.pop();
      value = containerIn(into);
    }
  }

  /** The name of a field, and its colon. */
  #name(): string {
    if (this.#next() !== '"') throw this.#mistake();
    const name = this.#string();
    if (!this.#takes(":")) throw this.#mistake();
    return name;
  }

  /** The character that comes after white space; "" at the end. */
  #next(): string {
    const json = this.#json;
    let at = this.#at;
    while (isSpace(json.charCodeAt(at))) at++;
    this.#at = at;
    return json.charAt(at);
  }

  #takes(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at++;
    return true;
  }

  #string(): string {
    const start = this.#at;
    const end = endOfString(this.#json, start);
    if (end < 0) throw this.#mistake();
    this.#at = end + 1;
    const inside = this.#json.slice(start + 1, end);
    return NOT_PLAIN.test(inside) ? (JSON.parse(this.#json.slice(start, end + 1)) as string) : inside;
  }

  #number(): unknown {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#json)?.[0];
    if (text === undefined) return undefined;
    this.#at += text.length;
    return exactNumberOf(text);
  }

  #literal(): unknown {
    for (const [text, value] of LITERALS) {
      if (!this.#json.startsWith(text, this.#at)) continue;
      this.#at += text.length;
      return value;
    }
    throw this.#mistake();
  }

  #mistake(): SyntaxError {
    return new SyntaxError(`Unexpected text at position ${this.#at}`);
  }
}

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

const containerIn = (open: Open): unknown => ("array" in open ? open.array : open.object);

/** As JSON.parse does: the last of two fields of one name counts, and `__proto__` is a field like others. */
function setField({ object, name }: Extract<Open, { object: unknown }>, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Where the quote stands that ends the string begun at `start`; -1 where none does. */
function endOfString(json: string, start: number): number {
  for (let at = start; ; ) {
    at = json.indexOf('"', at + 1);
    if (at < 0) return -1;
    let backslashes = 0;
    while (json[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}
