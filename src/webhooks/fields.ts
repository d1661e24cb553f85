// Reads one field of an example from a delivery: once, or once for each item of an array.

import { type InputField, isInputField, type MappedAs, mappedAs } from "../contract/inputs.ts";
import type { DeliveryReason, Field, FieldRule, MappedField } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { HOOK_WORK } from "../core/work.ts";
import { fits } from "./conditions.ts";
import { numberOf, roundedOf, textOf } from "./exact-number.ts";
import { find, type Item, isEmpty, isNothing, isObject, joinedBy, placesOf } from "./find-value.ts";
import { valueAtPointer } from "./json-pointer.ts";
import type { MappingWork } from "./mapping-work.ts";
import { positionOf } from "./order.ts";
import { type Delivered, headerIn, NO_HEADERS, reasonAt } from "./places.ts";
import { transformed } from "./transforms.ts";

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

export const ruleOf = (field: Field): FieldRule => (typeof field === "string" ? { pointer: field } : field);

/** Where the reader searched for a field's value; error messages name it. */
interface Site {
  readonly name: FieldName;
  readonly rule: FieldRule;
  readonly place: string;
  readonly work: MappingWork;
}

/** One value, from all values that the field finds. */
export function readField(name: FieldName, field: Field, delivered: Delivered): Read {
  const rule = ruleOf(field);
  const found = find(rule, delivered);
  const site = { name, rule, place: found.place, work: delivered.work };
  if (readerOf(name) === READERS.json || isNothing(found.value)) return readValue(site, found.value, []);
  const values = valuesIn(site, found.value);
  return isMiss(values) ? values : readValue(site, found.value, values);
}

/** One value for each item of the array, for a field with `each`. */
export function readColumn(name: FieldName, field: Field, delivered: Delivered): Read[] | Miss {
  const rule = ruleOf(field);
  const found = find(rule, delivered);
  const site = { name, rule, place: found.place, work: delivered.work };
  if (isNothing(found.value)) return missed(site, "finds nothing", true);
  const items = itemsIn(site, found.value);
  if (isMiss(items)) return items;
  return items.map(({ value, place }) => {
    const inside = eachOf(site, value);
    const at = { ...site, place: inside.place === "" ? place : place + inside.place };
    return readValue(at, inside.value, flat(site, inside.value));
  });
}

/** Whether a field finds an array, or an object, which counts as an array with one item. */
export const findsItems = (field: Field, delivered: Delivered): boolean =>
  isObject(find(ruleOf(field), delivered).value);

/** All texts of an array and of its nested arrays; or the one text that was found. */
export function readTexts(name: FieldName, field: Field, delivered: Delivered): readonly string[] | Miss {
  const rule = ruleOf(field);
  const found = find(rule, delivered);
  const site = { name, rule, place: found.place, work: delivered.work };
  if (isNothing(found.value)) return missed(site, "finds nothing", true);
  const values = valuesIn(site, found.value);
  return isMiss(values) ? values : textsOf(site, values);
}

/** The items of an array that fulfil `where`, each with its place. An object counts as an array with one item. */
function itemsIn(site: Site, found: unknown): Item[] | Miss {
  const { place, work } = site;
  const { where, each } = site.rule;
  const looksInside = where !== undefined || each !== undefined;
  if (looksInside && Array.isArray(found) && found.length > LIMITS.itemsPerField)
    return missed(site, `finds ${found.length} items; the most is ${LIMITS.itemsPerField}`, false);
  if (Array.isArray(found)) work.spend(PER_ITEM * found.length);
  const all = Array.isArray(found)
    ? found.map((value: unknown, i) => ({ value, place: `${place}/${i}` }))
    : [{ value: found, place }];
  const items = all.filter(({ value }) => Array.isArray(found) || isObject(value));
  return where ? items.filter(({ value }) => fits(where, { payload: value, headers: NO_HEADERS, work })) : items;
}

const PER_ITEM = 5 * HOOK_WORK.perStep;

/** The value that `each` finds in an item. */
function eachOf({ rule: { each }, work }: Site, item: unknown): Item {
  const pointers = each === undefined ? [""] : typeof each === "string" ? [each] : each;
  const found = pointers.map((pointer) => ({ value: valueAtPointer(item, pointer, work), place: pointer }));
  return found.find(({ value }) => !isNothing(value)) ?? (found[0] as Item);
}

/** All values of a field as one list, without items in which `each` finds nothing. */
function valuesIn(site: Site, found: unknown): unknown[] | Miss {
  const { rule } = site;
  if (!Array.isArray(found) && (rule.each === undefined || !isObject(found))) return [found];
  const items = itemsIn(site, found);
  if (isMiss(items)) return items;
  const all = items.map((item) => ({ item: item.value, inside: eachOf(site, item.value).value }));
  const given = all.filter(({ inside }) => !isNothing(inside) && !isEmpty(inside));
  return (
    differing(
      site,
      given.map(({ item }) => item),
    ) ?? given.flatMap(({ inside }) => flat(site, inside))
  );
}

/** Why these values cannot be of one field: their items differ, but must be equal. */
function differing(site: Site, items: readonly unknown[]): Miss | null {
  const { work } = site;
  const { same } = site.rule;
  if (same === undefined) return null;
  const several = [...new Set(items.map((item) => textOf(valueAtPointer(item, same, work)) ?? ""))];
  if (several.length < 2) return null;
  const named = several.slice(0, 5).join(", ");
  return missed(site, `holds values whose ${same} differ (${named}): choose one of them with \`where\``, false);
}

/** An array in an item is a list of values. An array in that list is a path, if the rule says how paths are written. */
function flat({ rule: { each, path_separator: separator }, work }: Site, inside: unknown): unknown[] {
  if (!Array.isArray(inside)) return isNothing(inside) ? [] : [inside];
  if (separator === undefined) return inside.filter((value) => !isNothing(value));
  const isPath = each === undefined && inside.every((value) => !Array.isArray(value));
  return (isPath ? [inside] : inside).map((value: unknown) => pathOf(value, separator, work));
}

/** The path as one text. A value without texts is returned unchanged, and refused later. */
function pathOf(value: unknown, separator: string, work: MappingWork): unknown {
  if (!Array.isArray(value)) return value;
  const texts = value.map(textOf);
  return texts.includes(null) ? value : joinedBy(separator, texts as string[], work);
}

type ReadValue = (site: Site, values: readonly unknown[], whole: unknown) => Read;

/** By field; for the fields of an input, by what they hold. */
const READERS: Readonly<Record<Exclude<FieldName, InputField> | MappedAs, ReadValue>> = {
  text: readText,
  json: (_, __, whole) => roundedOf(whole),
  label: readText,
  labels: textsOf,
  value: readNumber,
  id: readName,
  split: readName,
  group: readName,
  order: readOrder,
};

const readerOf = (name: FieldName): ReadValue => READERS[isInputField(name) ? mappedAs(name) : name];

function readValue(site: Site, whole: unknown, values: readonly unknown[]): Read {
  if (!isNothing(whole)) return readerOf(site.name)(site, values, whole);
  return absent(site, whole === null ? "is null" : "finds nothing");
}

const absent = (site: Site, what: string): Miss | undefined =>
  site.rule.optional ? undefined : missed(site, what, true);

/** A text; of an array, the first one. Numbers keep the digits that the sender wrote. */
function readText(site: Site, values: readonly unknown[]): Read {
  if (values.length === 0) return absent(site, "finds no value");
  const texts = textsOf(site, values.slice(0, 1));
  return isMiss(texts) ? texts : texts[0];
}

/** A text that is not empty. As in an uploaded CSV, an empty text counts as missing. */
function readName(site: Site, values: readonly unknown[]): Read {
  const text = readText(site, values);
  if (site.name === "group" && typeof text === "string" && text.length > LIMITS.idChars)
    return missed(site, `is longer than ${LIMITS.idChars} characters`, false);
  return text === "" ? absent(site, "is empty") : text;
}

function readOrder(site: Site, values: readonly unknown[]): Read {
  const text = readText(site, values);
  if (typeof text !== "string") return text;
  return positionOf(text) ?? missed(site, "is neither an ISO 8601 time nor a number that is not negative", false);
}

function textsOf(site: Site, values: readonly unknown[]): readonly string[] | Miss {
  const texts = values.map(textOf);
  if (texts.includes(null)) return missed(site, "holds what is no text", false);
  return (texts as string[]).map((text) => transformed(text, site.rule, site.work));
}

function readNumber(site: Site, values: readonly unknown[]): Read {
  if (values.length === 0) return absent(site, "finds no value");
  return numberOf(values[0]) ?? missed(site, "is not a number in decimal, such as 3 or -1.5e2", false);
}

function missed({ name, rule, place }: Site, what: string, isEmpty: boolean): Miss {
  const places = placesOf(rule);
  const looked = places.length > 1 && places.includes(place) ? places : [place];
  const detail = `${looked.map(shown).join(" or ")}, which should give the ${name}, ${what}`;
  return { miss: { code: "unmappable", detail, ...reasonAt(place) }, isEmpty };
}

function shown(place: string): string {
  const header = headerIn(place);
  return header === null ? place || "The whole payload" : `The header ${header}`;
}
