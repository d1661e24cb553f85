// Reads JSON with every digit of its numbers (exact-number.ts), and takes turns of the event loop: JSON.parse is one block of
// work, whose length the sender decides. Accepts what JSON.parse accepts (RFC 8259), within bounds.
import type { Turns } from "../core/turns.ts";
import { HOOK_WORK } from "../core/work.ts";
import { exactNumberOf } from "./exact-number.ts";

/** Bounds of a document. */
export interface JsonBounds {
  /** Most values: objects, arrays, texts, numbers and literals. */
  readonly values: number;
  /** Most levels of arrays and objects. */
  readonly depth: number;
}

/** The value; or the exceeded bound, as a phrase that follows "the payload". */
export type ExactJson = { readonly value: unknown } | { readonly excess: string };

/** Throws a SyntaxError if `json` is not JSON. */
export const readExactJson = (json: string, bounds: JsonBounds, turns: Turns): Promise<ExactJson> =>
  new Reader(json, bounds, turns).read();

/** An array or an object that is still open, and the current field of the object. */
type Open = { readonly array: unknown[] } | { readonly object: Record<string, unknown>; name: string };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Characters that a string cannot contain as they are: escapes must be decoded, control characters are errors. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters.
const NOT_PLAIN = /[\\\u0000-\u001f]/;
const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
/** Values between two counts of work. */
const VALUES_A_COUNT = 256;
/** Marks a value that contains others: it is complete when it is closed. */
const OPENED = Symbol("opened");

class Reader {
  readonly #json: string;
  readonly #bounds: JsonBounds;
  readonly #turns: Turns;
  /** Open arrays and objects, from the outermost. */
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

  /** The document's value. Only white space may follow it. */
  #whole(): ExactJson {
    if (this.#next() !== "") throw this.#mistake();
    return { value: this.#root };
  }

  /** The next value; OPENED if an array or an object begins that is not empty. */
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

  /** Adds a complete value to its parent, and closes parents that end with it. Returns true if the document is complete. */
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

  /** Reads the name of a field, and its colon. */
  #name(): string {
    if (this.#next() !== '"') throw this.#mistake();
    const name = this.#string();
    if (!this.#takes(":")) throw this.#mistake();
    return name;
  }

  /** The first character after white space; "" at the end. */
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

/** As JSON.parse does: the last of two fields with one name counts, and `__proto__` is an ordinary field. */
function setField({ object, name }: Extract<Open, { object: unknown }>, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** The position of the quote that ends the string from `start`; -1 if there is none. */
function endOfString(json: string, start: number): number {
  for (let at = start; ; ) {
    at = json.indexOf('"', at + 1);
    if (at < 0) return -1;
    let backslashes = 0;
    while (json[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}
