// JSON as text, instead of a value with millions of parts. Text is passed on in a fraction of the time if nothing reads it.
import { Turns } from "./turns.ts";

/** A value as its JSON. `of` is never set: it only carries the value's type. */
export interface JsonText<Value = unknown> {
  readonly $json: string;
  readonly of?: Value;
}

export const jsonText = <Value>(json: string): JsonText<Value> => ({ $json: json });

export const isJsonText = (value: unknown): value is JsonText => isObject(value) && "$json" in value;

/** JSON of a value whose objects may have texts in their fields. Texts are inserted unchanged. */
export const jsonOf = (value: unknown): string => [...piecesOf(value, (plain) => plain)].join("");

/**
 * JSON with the keys of every object in code-unit order: equal values give equal text, so it can be digested. Objects may have
 * texts in their fields.
 */
export const canonicalJson = (value: unknown): string => [...piecesOf(value, sorted)].join("");

/** Writes the fields of nested objects one by one, and other values at once, after `ordered`. */
function* piecesOf(value: unknown, ordered: (value: unknown) => unknown): Generator<string> {
  if (!isObject(value) || Array.isArray(value)) return yield JSON.stringify(ordered(value));
  if (isJsonText(value)) return yield value.$json;
  const fields = Object.entries(ordered === sorted ? withSortedKeys(value) : value).filter(
    ([, inner]) => inner !== undefined,
  );
  for (const [i, [key, inner]] of fields.entries()) {
    yield `${i === 0 ? "{" : ","}${JSON.stringify(key)}:`;
    yield* piecesOf(inner, ordered);
  }
  yield fields.length === 0 ? "{}" : "}";
}

/** A list without objects is returned unchanged: a call for each cell of a confusion matrix would take five times as long. */
function sorted(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) return value.some(isObject) ? value.map(sorted) : value;
  return Object.fromEntries(Object.entries(withSortedKeys(value)).map(([key, inner]) => [key, sorted(inner)]));
}

/** Integer keys come first, in numeric order: JavaScript objects allow no other order. */
const withSortedKeys = (value: object): object =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

const isObject = (value: unknown): value is object => value !== null && typeof value === "object";

/** Numbers written between two yields: about 2 ms. */
const NUMBERS_A_TURN = 200_000;

/** A matrix as its JSON. Yields to the event loop between pieces. */
export async function textOfMatrix(
  rows: readonly (readonly number[])[],
  turns = new Turns(),
): Promise<JsonText<number[][]>> {
  const counted = turns.per(NUMBERS_A_TURN);
  const written: string[] = [];
  for (const row of rows) {
    written.push(JSON.stringify(row));
    await counted.spend(row.length);
  }
  return jsonText(`[${written.join()}]`);
}
