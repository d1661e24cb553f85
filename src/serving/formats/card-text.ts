// The card as strings by key, for formats whose metadata are only strings. Texts stay as they are; other values become JSON.
import type { HeadCard } from "../../contract/head-file.ts";
import { utf8 } from "../../core/bytes.ts";
import { jsonOf } from "../../core/json-text.ts";

/** Parses JSON of any length, in turns of the event loop. Rejects if it is not JSON, or exceeds a limit. */
export type ParseJson = (json: Uint8Array) => Promise<unknown>;

const PLAIN: readonly string[] = ["format", "task", "kind"] satisfies (keyof HeadCard)[];

export const textOfCard = (card: HeadCard): Record<string, string> =>
  Object.fromEntries(
    Object.entries(card).map(([key, value]) => [key, PLAIN.includes(key) ? String(value) : jsonOf(value)]),
  );

/**
 * The card from such strings, not validated. `onError` is called for a key whose text is not JSON or too long, and must throw.
 */
export async function cardOfText(
  text: Readonly<Record<string, string>>,
  parse: ParseJson,
  onError: (key: string) => never,
): Promise<unknown> {
  const entries: [string, unknown][] = [];
  for (const [key, value] of Object.entries(text)) {
    const read = PLAIN.includes(key) ? value : await parse(utf8(value)).catch(() => onError(key));
    entries.push([key, read]);
  }
  return Object.fromEntries(entries);
}
