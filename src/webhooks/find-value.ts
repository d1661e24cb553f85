// Finds the value of a field in a delivery, by the rule of the field: a place, the first of several, several joined, or a
// constant.
import type { FieldRule } from "../contract/mapping.ts";
import { HOOK_WORK } from "../core/work.ts";
import { ExactNumber, textOf } from "./exact-number.ts";
import type { MappingWork } from "./mapping-work.ts";
import { type Delivered, valueAt } from "./places.ts";

/** A value, and where it was found. */
export interface Item {
  readonly value: unknown;
  readonly place: string;
}

export function find(rule: FieldRule, delivered: Delivered): Item {
  const places = placesOf(rule);
  const [place = ""] = places;
  if (rule.constant !== undefined) return { value: rule.constant, place };
  if (rule.join) return { value: joined(rule, delivered), place };
  const found = places.map((one) => ({ value: valueAt(delivered, one), place: one }));
  return found.find(({ value }) => !isNothing(value) && !isEmpty(value)) ?? (found[0] as Item);
}

export const placesOf = ({ pointer, header, first, join }: FieldRule): readonly string[] => {
  if (pointer !== undefined) return [pointer];
  return header === undefined ? (first ?? join ?? []) : [`header:${header}`];
};

export const isNothing = (value: unknown): value is undefined | null => value === undefined || value === null;
export const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** The texts at several places. Some of them may be missing or null. */
function joined({ join = [], separator = " " }: FieldRule, delivered: Delivered): unknown {
  const found = join.map((place) => valueAt(delivered, place)).filter((value) => !isNothing(value));
  const texts = found.map(textOf);
  if (texts.includes(null)) return {};
  return texts.length === 0 ? undefined : joinedBy(separator, texts as string[], delivered.work);
}

export function joinedBy(separator: string, texts: readonly string[], work: MappingWork): string {
  const chars = texts.reduce((sum, { length }) => sum + length + separator.length, 0);
  work.spend(HOOK_WORK.perCopiedCharacter * chars);
  return texts.join(separator);
}

export const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !(value instanceof ExactNumber);
