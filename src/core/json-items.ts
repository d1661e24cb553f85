// Finds the items of a large array in a JSON object, such as `{"examples":[…]}`, so that each can be parsed separately: one
// JSON.parse of 32 MiB blocks the thread for hundreds of milliseconds. Whether an item is valid JSON is left to its parser.
import { concatBytes } from "./bytes.ts";
import { JsonScanner } from "./json-scanner.ts";
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

export interface ItemsAsked {
  readonly field: string;
  readonly most: number;
  readonly turns: Turns;
  /** Work of reading one byte, in the unit of `turns`. */
  readonly perByte: number;
}

const scannerOf = (json: Uint8Array, { turns, perByte }: ItemsAsked): JsonScanner =>
  new JsonScanner(json, (bytes) => turns.spend(perByte * bytes));

/** The items of `{"<field>": [ … ]}`; null if the document has any other form. */
export async function itemsOfOnlyField(json: Uint8Array, asked: ItemsAsked): Promise<JsonItems | null> {
  const scanner = scannerOf(json, asked);
  if (!["{", `"${asked.field}"`, ":", "["].every((token) => scanner.takes(token))) return null;
  const items = await itemsAt(scanner, asked);
  return items && (items.hasMore || scanner.isAtEnd()) ? items : null;
}

/** The items of `{…, "<field>": [ … ], …}`; null if the document has no such field. */
export async function itemsOfField(json: Uint8Array, asked: ItemsAsked): Promise<JsonItemsAndRest | null> {
  const scanner = scannerOf(json, asked);
  if (!scanner.takes("{")) return null;
  while (!scanner.takes(`"${asked.field}"`)) if (!(await scanner.skipItem()) || !scanner.takes(",")) return null;
  if (!scanner.takes(":") || !scanner.takes("[")) return null;
  const from = scanner.at;
  const items = await itemsAt(scanner, asked);
  // The scanner is at the byte after the "]".
  return items && { ...items, rest: concatBytes([json.subarray(0, from), json.subarray(scanner.at - 1)]) };
}

/** The items of an array; the scanner is after its "[". */
async function itemsAt(scanner: JsonScanner, { most }: ItemsAsked): Promise<JsonItems | null> {
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
