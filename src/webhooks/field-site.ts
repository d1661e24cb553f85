// Where the value of a field was searched, and why it could not be read.
import type { DeliveryReason, FieldRule, MappedField } from "../contract/mapping.ts";
import { placesOf } from "./find-value.ts";
import type { MappingWork } from "./mapping-work.ts";
import { headerIn, reasonAt } from "./places.ts";

export type FieldName = MappedField | "group" | "order";

/** Why a field could not be read. */
export interface Miss {
  readonly miss: DeliveryReason;
  /** Whether the value is missing; else it is there, but the field cannot use it. */
  readonly isEmpty: boolean;
}

export const isMiss = (value: unknown): value is Miss => typeof value === "object" && value !== null && "miss" in value;

/** A value of a field; undefined if the field is left out. */
export type Read = unknown | Miss | undefined;

/** Where the reader searched for a field's value; error messages name it. */
export interface Site {
  readonly name: FieldName;
  readonly rule: FieldRule;
  readonly place: string;
  readonly work: MappingWork;
}

export const absent = (site: Site, what: string): Miss | undefined =>
  site.rule.optional ? undefined : missed(site, what, true);

export function missed({ name, rule, place }: Site, what: string, isEmpty: boolean): Miss {
  const places = placesOf(rule);
  const looked = places.length > 1 && places.includes(place) ? places : [place];
  const detail = `${looked.map(shown).join(" or ")}, which should give the ${name}, ${what}`;
  return { miss: { code: "unmappable", detail, ...reasonAt(place) }, isEmpty };
}

function shown(place: string): string {
  const header = headerIn(place);
  return header === null ? place || "The whole payload" : `The header ${header}`;
}
