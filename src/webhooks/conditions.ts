// Decides whether a rule is for a delivery.
import type { Conditions } from "../contract/mapping.ts";
import { ExactNumber } from "./exact-number.ts";
import { type Delivered, valueAt } from "./places.ts";

export interface Judgement {
  /** How many conditions hold. */
  readonly held: number;
  /** The first that does not; null when all do. */
  readonly mismatch: { readonly place: string; readonly wanted: string } | null;
}

export function judge(conditions: Conditions, delivered: Delivered): Judgement {
  const given = Object.entries(conditions);
  const failing = given.filter(([place, wanted]) => !holds(wanted, valueAt(delivered, place) ?? null));
  const [first] = failing;
  return {
    held: given.length - failing.length,
    mismatch: first === undefined ? null : { place: first[0], wanted: JSON.stringify(first[1]) },
  };
}

export const fits = (conditions: Conditions, delivered: Delivered): boolean =>
  judge(conditions, delivered).mismatch === null;

function holds(wanted: Conditions[string], found: unknown): boolean {
  const choices: ReadonlySet<unknown> = new Set(Array.isArray(wanted) ? wanted : [wanted]);
  return Array.isArray(found) ? found.some((value) => isAmong(choices, value)) : isAmong(choices, found);
}

/** A number fits a text that writes it digit for digit, so that conditions can name ids beyond 2^53. */
function isAmong(choices: ReadonlySet<unknown>, value: unknown): boolean {
  if (value instanceof ExactNumber) return choices.has(value.source) || choices.has(Number(value.source));
  return choices.has(value) || (typeof value === "number" && choices.has(String(value)));
}
