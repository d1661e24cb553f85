// The card as strings by key, for formats whose metadata are only strings. Texts stay as they are; other values become JSON.
import type { HeadCard } from "../../contract/head-file.ts";
import { utf8 } from "../../core/bytes.ts";
import { excessOfJson } from "../../core/json-size.ts";
import { jsonOf } from "../../core/json-text.ts";

const PLAIN: readonly string[] = ["format", "task", "kind"] satisfies (keyof HeadCard)[];

export const textOfCard = (card: HeadCard): Record<string, string> =>
  Object.fromEntries(
    Object.entries(card).map(([key, value]) => [key, PLAIN.includes(key) ? String(value) : jsonOf(value)]),
  );

/**
 * The card from such strings, not validated. `onError` is called for a key whose text is not JSON or too long, and must throw.
 */
export function cardOfText(text: Readonly<Record<string, string>>, onError: (key: string) => never): unknown {
  const read = (key: string, value: string): unknown => {
    if (PLAIN.includes(key)) return value;
    if (excessOfJson(utf8(value)) !== null) return onError(key);
    try {
      return JSON.parse(value);
    } catch {
      return onError(key);
    }
  };
  return Object.fromEntries(Object.entries(text).map(([key, value]) => [key, read(key, value)]));
}
