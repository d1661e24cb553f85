// Parses the body of most predictions, vectors and then options, in place. Bodies in any other form are left to the general
// parser, which gives the same result.
import { readVector } from "../../backbones/vector-memory.ts";
import { concatBytes, utf8 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import { parseJson } from "../request/body.ts";

export interface PlainRows {
  readonly inputs: readonly Float32Array[];
  /** The other fields, parsed. */
  readonly options: object;
}

const OPENING = ["{", '"inputs"', ":", "["];
const ROW = ["{", '"features"', ":", "["];

/** Reads `{"inputs": [{"features": […]}, …], …}`; null if `json` has another form or is not JSON. */
export function readPlainRows(json: Uint8Array): PlainRows | null {
  const reading = new Reading(json);
  if (!OPENING.every(reading.takes)) return null;
  const inputs: Float32Array[] = [];
  do {
    const vector = ROW.every(reading.takes) ? reading.vector() : null;
    if (!vector || inputs.length === LIMITS.inputsPerPredict || !reading.takes("}")) return null;
    inputs.push(vector);
  } while (reading.takes(","));
  const options = reading.takes("]") ? reading.options() : null;
  return options && { inputs, options };
}

/** The vector of `{"features": […]}`; null for any other form. */
export function readPlainVector(json: Uint8Array): Float32Array | null {
  const reading = new Reading(json);
  const vector = ROW.every(reading.takes) ? reading.vector() : null;
  return vector && reading.takes("}") && reading.isAtEnd() ? vector : null;
}

class Reading {
  readonly #json: Uint8Array;
  #at = 0;

  constructor(json: Uint8Array) {
    this.#json = json;
  }

  /** Skips white space and `token`. Stays in place if something else follows. */
  readonly takes = (token: string): boolean => {
    const start = this.#pastSpace();
    for (let i = 0; i < token.length; i++) if (this.#json[start + i] !== token.charCodeAt(i)) return false;
    this.#at = start + token.length;
    return true;
  };

  /** Reads the array after a "[". */
  vector(): Float32Array | null {
    const read = readVector(this.#json, this.#at);
    if (!read) return null;
    this.#at = read.end;
    return read.vector;
  }

  isAtEnd(): boolean {
    return this.#pastSpace() === this.#json.length;
  }

  /** Parses the rest of the object. */
  options(): object | null {
    if (this.takes("}")) return this.isAtEnd() ? {} : null;
    if (!this.takes(",") || this.#json[this.#pastSpace()] !== QUOTE) return null;
    return parsedOptions(this.#json.subarray(this.#at));
  }

  #pastSpace(): number {
    while (isSpace(this.#json[this.#at])) this.#at++;
    return this.#at;
  }
}

const OPEN = utf8("{");
const QUOTE = '"'.charCodeAt(0);
const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/**
 * Parses an object without its "{". Of two fields with one name the last counts, so a second `inputs` is left to the general
 * parser.
 */
function parsedOptions(json: Uint8Array): object | null {
  try {
    const options = parseJson(concatBytes([OPEN, json])) as object;
    return Object.hasOwn(options, "inputs") ? null : options;
  } catch {
    return null; // the general parser reports the problem and its position
  }
}
