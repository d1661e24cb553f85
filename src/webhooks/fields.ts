// Reads one field of an example from a delivery: once, or once for each item of an array.
import type { Field, FieldRule } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { HOOK_WORK } from "../core/work.ts";
import { fits } from "./conditions.ts";
import { textOf } from "./exact-number.ts";
import { readValue, takesWhole, textsOf } from "./field-readers.ts";
import { type FieldName, isMiss, type Miss, missed, type Read, type Site } from "./field-site.ts";
import { find, type Item, isEmpty, isNothing, isObject, joinedBy } from "./find-value.ts";
import { valueAtPointer } from "./json-pointer.ts";
import { type Delivered, NO_HEADERS } from "./places.ts";

export const ruleOf = (field: Field): FieldRule => (typeof field === "string" ? { pointer: field } : field);

/** One value, from all values that the field finds. */
export function readField(name: FieldName, field: Field, delivered: Delivered): Read {
  const rule = ruleOf(field);
  const found = find(rule, delivered);
  const site = { name, rule, place: found.place, work: delivered.work };
  if (takesWhole(name) || isNothing(found.value)) return readValue(site, found.value, []);
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
function pathOf(value: unknown, separator: string, work: Site["work"]): unknown {
  if (!Array.isArray(value)) return value;
  const texts = value.map(textOf);
  return texts.includes(null) ? value : joinedBy(separator, texts as string[], work);
}
