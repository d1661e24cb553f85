// Whether a payload is one that a rule is for.
import type { Conditions } from "../contract/mapping.ts";
import { valueAt } from "./json-pointer.ts";

export interface Mismatch {
  readonly pointer: string;
  readonly wanted: string;
}

/** The first condition that does not hold; null when all do. */
export function mismatchOf(conditions: Conditions, payload: unknown): Mismatch | null {
  for (const [pointer, wanted] of Object.entries(conditions)) {
    const choices: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    const found = valueAt(payload, pointer) ?? null;
    const fits = choices.some((choice) => found === choice || (Array.isArray(found) && found.includes(choice)));
    if (!fits) return { pointer, wanted: JSON.stringify(wanted) };
  }
  return null;
}
