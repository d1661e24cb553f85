// Decides whether a mapping rule applies to a delivery.
import type { Conditions } from "../contract/mapping.ts";
import { HOOK_WORK } from "../core/work.ts";
import { ExactNumber } from "./exact-number.ts";
import type { MappingWork } from "./mapping-work.ts";
import { type Delivered, valueAt } from "./places.ts";

export interface Judgement {
  /** The number of conditions that hold. */
  readonly held: number;
  /** The first condition that does not hold; null if all do. */
  readonly mismatch: Mismatch | null;
}

type Wanted = Conditions[string];
export type Mismatch = readonly [place: string, wanted: Wanted];

export function judgeConditions(conditions: Conditions, delivered: Delivered): Judgement {
  const given = Object.entries(conditions);
  const failing = given.filter(([place, wanted]) => !isMet(place, wanted, delivered));
  return { held: given.length - failing.length, mismatch: failing[0] ?? null };
}

export const fits = (conditions: Conditions, delivered: Delivered): boolean =>
  Object.entries(conditions).every(([place, wanted]) => isMet(place, wanted, delivered));

function isMet(place: string, wanted: Wanted, delivered: Delivered): boolean {
  const found = valueAt(delivered, place) ?? null;
  if (Array.isArray(wanted)) delivered.work.spend(HOOK_WORK.perStep * wanted.length);
  if (!Array.isArray(found)) return formsOf(found).some((form) => isWanted(wanted, form));
  const forms = formsIn(found, delivered.work);
  return Array.isArray(wanted) ? wanted.some((one) => forms.has(one)) : forms.has(wanted);
}

const isWanted = (wanted: Wanted, form: unknown): boolean =>
  Array.isArray(wanted) ? (wanted as readonly unknown[]).includes(form) : wanted === form;

/** A number equals a text with the same digits, so that conditions can name ids beyond 2^53. */
function formsOf(value: unknown): readonly unknown[] {
  if (value instanceof ExactNumber) return [value.source, Number(value.source)];
  return typeof value === "number" ? [value, String(value)] : [value];
}

const formsByArray = new WeakMap<readonly unknown[], ReadonlySet<unknown>>();

/** Built once for an array, because many conditions and many parts of a delivery may search it. */
function formsIn(values: readonly unknown[], work: MappingWork): ReadonlySet<unknown> {
  const known = formsByArray.get(values);
  if (known) return known;
  work.spend(PER_FORM * values.length);
  const made = new Set(values.flatMap(formsOf));
  formsByArray.set(values, made);
  return made;
}

const PER_FORM = 5 * HOOK_WORK.perStep;
