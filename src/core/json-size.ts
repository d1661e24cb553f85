// Counts what a JSON document holds before it is parsed: a few megabytes of "[],[],…" or of short names become hundreds in
// memory. Reads bytes once, from quote to quote inside strings; whether they are JSON is the parser's question.
import { LIMITS } from "./limits.ts";

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_ARRAY, OPEN_OBJECT] = [34, 92, 44, 58, 91, 123];

/** What there is too much of, as a phrase; null where a parser may read it. */
export function excessOfJson(json: Uint8Array): string | null {
  if (json.byteLength <= LIMITS.uncountedJsonBytes) return null;
  let [values, containers, fields] = [1, 0, 0];
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === COMMA) values++;
    else if (byte === QUOTE) at = endOfString(json, at);
    else if (byte === COLON) fields++;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) containers++;
  }
  if (containers > LIMITS.jsonContainers)
    return `${containers} arrays and objects; the most is ${LIMITS.jsonContainers}`;
  if (fields > LIMITS.jsonFields) return `${fields} fields; the most is ${LIMITS.jsonFields}`;
  return values > LIMITS.jsonValues ? `${values} values; the most is ${LIMITS.jsonValues}` : null;
}

/** Where the quote stands that ends the string begun at `start`; the end of `json` where none does. */
function endOfString(json: Uint8Array, start: number): number {
  for (let at = start; ; ) {
    at = json.indexOf(QUOTE as number, at + 1);
    if (at < 0) return json.length;
    let backslashes = 0;
    while (json[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}
