// Decides whether a rule is for a delivery.
import type { Conditions } from "../contract/mapping.ts";
import { ExactNumber, textOf } from "./exact-number.ts";
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
  const choices: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  const values: readonly unknown[] = Array.isArray(found) ? found : [found];
  return values.some((value) => choices.some((choice) => isWanted(value, choice)));
}

/** A number fits a text that writes it digit for digit, so that conditions can name ids beyond 2^53. */
function isWanted(value: unknown, choice: unknown): boolean {
  const isNumber = typeof value === "number" || value instanceof ExactNumber;
  if (isNumber && typeof choice === "string") return textOf(value) === choice;
  return value instanceof ExactNumber ? Number(value.source) === choice : value === choice;
}
