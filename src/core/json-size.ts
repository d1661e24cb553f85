// Counts the contents of a JSON document before it is parsed: a few megabytes of "[],[],…" or of short names take hundreds in
// memory. Reads each byte once; inside strings it jumps from quote to quote. Validity is left to the parser.
import { LIMITS } from "./limits.ts";

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_ARRAY, OPEN_OBJECT] = [34, 92, 44, 58, 91, 123];

/** A phrase that names what the document has too much of; null if it may be parsed. */
export const excessOfJson = (json: Uint8Array): string | null =>
  json.byteLength <= LIMITS.uncountedJsonBytes ? null : new JsonCount().add(json);

/** Counts a document that is parsed in parts. */
export class JsonCount {
  #values = 0;
  #containers = 0;
  #fields = 0;

  /** Counts one more part. Returns what all parts so far have too much of, or null. */
  add(json: Uint8Array): string | null {
    let [values, containers, fields] = [1, 0, 0];
    for (let at = 0; at < json.length; at++) {
      const byte = json[at];
      if (byte === COMMA) values++;
      else if (byte === QUOTE) at = endOfString(json, at);
      else if (byte === COLON) fields++;
      else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) containers++;
    }
    this.#values += values;
    this.#containers += containers;
    this.#fields += fields;
    return this.#excess();
  }

  #excess(): string | null {
    if (this.#containers > LIMITS.jsonContainers)
      return `${this.#containers} arrays and objects; the most is ${LIMITS.jsonContainers}`;
    if (this.#fields > LIMITS.jsonFields) return `${this.#fields} fields; the most is ${LIMITS.jsonFields}`;
    return this.#values > LIMITS.jsonValues ? `${this.#values} values; the most is ${LIMITS.jsonValues}` : null;
  }
}

/** Position of the quote that ends the string begun at `start`; the end of `json` if there is none. */
function endOfString(json: Uint8Array, start: number): number {
  for (let at = start; ; ) {
    at = json.indexOf(QUOTE as number, at + 1);
    if (at < 0) return json.length;
    let backslashes = 0;
    while (json[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}
