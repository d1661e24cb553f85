// From a payload to what it asks of a head: an example, a deletion, or nothing. Pure; a payload is data and never runs.
import type { DeliveryReason, Field, FieldRule, Mapped, MappedField, MappingRule } from "../contract/mapping.ts";
import { LIMITS } from "../core/limits.ts";
import { mismatchOf } from "./conditions.ts";
import { valueAt } from "./json-pointer.ts";
import { transformed } from "./transforms.ts";

/** Found nothing, or not what the field takes. */
interface Miss {
  readonly miss: DeliveryReason;
}

const isMiss = (value: unknown): value is Miss => typeof value === "object" && value !== null && "miss" in value;

/** What the first rule that is for `payload` makes of it. */
export function mapPayload(rules: readonly MappingRule[], payload: unknown): Mapped {
  const rule = ruleFor(rules, payload);
  if ("code" in rule) return { kind: "ignored", reason: rule };
  const deletes = rule.delete_when && mismatchOf(rule.delete_when, payload) === null;
  return deletes ? deletionBy(rule, payload) : exampleBy(rule, payload);
}

/** A source that only trains asks its rules no more than whether a payload is for one of them; without rules, all are. */
export function mapToTraining(rules: readonly MappingRule[], payload: unknown): Mapped {
  const rule = rules.length === 0 ? {} : ruleFor(rules, payload);
  return "code" in rule ? { kind: "ignored", reason: rule } : { kind: "train" };
}

function ruleFor(rules: readonly MappingRule[], payload: unknown): MappingRule | DeliveryReason {
  const mismatches = rules.map(({ when = {} }) => mismatchOf(when, payload));
  return rules[mismatches.indexOf(null)] ?? reasonToIgnore(mismatches[0] ?? null);
}

function reasonToIgnore(mismatch: ReturnType<typeof mismatchOf>): DeliveryReason {
  if (!mismatch) return { code: "no_rule", detail: "The source has no mapping" };
  const { pointer, wanted } = mismatch;
  return { code: "not_wanted", detail: `No rule is for this payload: ${pointer} is not ${wanted}`, pointer };
}

type ReadField = (field: Field, payload: unknown, name: MappedField) => unknown;

const READERS: Readonly<Record<MappedField, ReadField>> = {
  text: readText,
  features: readRaw,
  label: readText,
  labels: readTexts,
  value: readNumber,
  id: readText,
  split: readText,
};

function exampleBy(rule: MappingRule, payload: unknown): Mapped {
  const row: Partial<Record<MappedField, unknown>> = {};
  for (const name of Object.keys(READERS) as MappedField[]) {
    const field = rule[name];
    const value = field === undefined ? undefined : READERS[name](field, payload, name);
    if (isMiss(value)) return { kind: "unmappable", reason: value.miss };
    if (value !== undefined) row[name] = value;
  }
  return { kind: "example", row };
}

function deletionBy({ id }: MappingRule, payload: unknown): Mapped {
  const ids = id === undefined ? [] : readTexts(id, payload, "id");
  if (isMiss(ids)) return { kind: "unmappable", reason: ids.miss };
  if (ids && ids.length > 0 && ids.length <= LIMITS.deletionsPerDelivery) return { kind: "delete", ids };
  const detail = `A deletion must name 1 to ${LIMITS.deletionsPerDelivery} ids; this names ${ids?.length ?? 0}`;
  return { kind: "unmappable", reason: { code: "unmappable", detail, pointer: pointerOf(id ?? "") } };
}

/** A text; the first one where an array was found. Numbers are written out, since ids often come as such. */
function readText(field: Field, payload: unknown, name: MappedField): string | Miss | undefined {
  const texts = readTexts(field, payload, name);
  if (texts === undefined || isMiss(texts)) return texts;
  return texts[0] ?? missed(field, name, "is an empty array");
}

/** Every text of an array, and of arrays in it; or the one text that was found. */
function readTexts(field: Field, payload: unknown, name: MappedField): string[] | Miss | undefined {
  const rule = ruleOf(field);
  const found = rule.join ? joined(rule, payload) : found1(rule, payload);
  if (found === undefined || found === null) return absent(field, name, found);
  const items = itemsOf(found, rule.each).map(textOf);
  if (items.some((item) => item === null)) return missed(field, name, "holds what is no text");
  return (items as string[]).map((item) => transformed(item, rule));
}

function readNumber(field: Field, payload: unknown, name: MappedField): number | Miss | undefined {
  const rule = ruleOf(field);
  const found = found1(rule, payload);
  if (found === undefined || found === null) return absent(field, name, found);
  const [first] = itemsOf(found, rule.each);
  const value = typeof first === "string" && first.trim() !== "" ? Number(first) : first;
  return typeof value === "number" && Number.isFinite(value) ? value : missed(field, name, "is no number");
}

/** The value as it is: what a vector may look like is checked where uploads are. */
function readRaw(field: Field, payload: unknown, name: MappedField): unknown {
  const found = found1(ruleOf(field), payload);
  return found === undefined || found === null ? absent(field, name, found) : found;
}

const ruleOf = (field: Field): FieldRule => (typeof field === "string" ? { pointer: field } : field);

function found1({ pointer, first, constant }: FieldRule, payload: unknown): unknown {
  if (constant !== undefined) return constant;
  if (pointer !== undefined) return valueAt(payload, pointer);
  return first
    ?.map((one) => valueAt(payload, one))
    .find((value) => value !== undefined && value !== null && !isEmpty(value));
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** The texts at several places, of which some may be missing or null. */
function joined({ join = [], separator = " " }: FieldRule, payload: unknown): unknown {
  const found = join
    .map((pointer) => valueAt(payload, pointer))
    .filter((value) => value !== undefined && value !== null);
  const texts = found.map(textOf);
  if (texts.some((text) => text === null)) return {};
  return texts.length === 0 ? undefined : texts.join(separator);
}

/** What was found, as a list. `each` goes on into every item; items where it finds nothing are none of the list's. */
function itemsOf(found: unknown, each: string | undefined): unknown[] {
  if (!Array.isArray(found)) return [found];
  const inner = each === undefined ? found : found.map((item) => valueAt(item, each));
  return inner.flat().filter((item) => item !== undefined && item !== null);
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

const absent = (field: Field, name: MappedField, found: undefined | null): Miss | undefined =>
  ruleOf(field).optional ? undefined : missed(field, name, found === null ? "is null" : "finds nothing");

function missed(field: Field, name: MappedField, what: string): Miss {
  const pointer = pointerOf(field);
  return {
    miss: {
      code: "unmappable",
      detail: `${pointer || "The whole payload"}, which should give the ${name}, ${what}`,
      pointer,
    },
  };
}

/** The pointer that a message names; of several, all of them. */
function pointerOf(field: Field): string {
  const { pointer, first, join } = ruleOf(field);
  return pointer ?? (first ?? join ?? []).join(" or ");
}
