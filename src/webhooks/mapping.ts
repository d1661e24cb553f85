// Maps a delivery to changes of a head: examples, deletions, or none. Pure: a payload is data and is never executed.
import { INPUT_FIELDS } from "../contract/inputs.ts";
import {
  type Conditions,
  type DeliveryReason,
  type Field,
  MAPPED_FIELDS,
  type Mapped,
  type MappedChanges,
  type MappedDeletion,
  type MappedExample,
  type MappingRule,
  type Position,
} from "../contract/mapping.ts";
import { TARGET_FIELDS } from "../contract/tasks.ts";
import { LIMITS } from "../core/limits.ts";
import { fits, judgeConditions, type Mismatch } from "./conditions.ts";
import { type FieldName, isMiss, type Miss, type Read } from "./field-site.ts";
import { findsItems, readColumn, readField, readTexts, ruleOf } from "./fields.ts";
import { type Delivered, headerIn, reasonAt } from "./places.ts";

/** Maps a delivery by the first rule that applies to it. */
export function mapDelivery(rules: readonly MappingRule[], delivered: Delivered): Mapped {
  const rule = ruleFor(rules, delivered);
  if ("code" in rule) return { kind: "ignored", reason: rule };
  const isOrdered = rules.some(({ order }) => order !== undefined);
  return isDeletion(rule, delivered) ? deletionBy(rule, delivered, isOrdered) : examplesBy(rule, delivered, isOrdered);
}

/** For a source that only trains, a rule only decides whether a delivery counts. Without rules, all deliveries count. */
export function mapToTraining(rules: readonly MappingRule[], delivered: Delivered): Mapped {
  const rule = rules.length === 0 ? {} : ruleFor(rules, delivered);
  return "code" in rule ? { kind: "ignored", reason: rule } : { kind: "train" };
}

function ruleFor(rules: readonly MappingRule[], delivered: Delivered): MappingRule | DeliveryReason {
  const judgements = rules.map(({ when = {} }) => judgeConditions(when, delivered));
  const rule = rules[judgements.findIndex(({ mismatch }) => mismatch === null)];
  if (rule) return rule;
  const most = Math.max(...judgements.map(({ held }) => held));
  const mismatch = judgements.find(({ held }) => held === most)?.mismatch;
  return mismatch ? notWanted(mismatch) : { code: "no_rule", detail: "The source has no mapping" };
}

/** The closest of several rules: the one with the most conditions that hold. */
function notWanted([place, wanted]: Mismatch): DeliveryReason {
  const header = headerIn(place);
  const what = header === null ? place || "the whole payload" : `the header ${header}`;
  const detail = `No rule is for this delivery: ${what} is not ${shownWanted(wanted)}`;
  return { code: "not_wanted", detail, ...reasonAt(place) };
}

/** The first expected values only, because a reason is stored with every delivery. */
function shownWanted(wanted: Mismatch[1]): string {
  const few = Array.isArray(wanted) ? wanted.slice(0, WANTED_SHOWN) : wanted;
  const text = JSON.stringify(few);
  const isCut = text.length > WANTED_CHARS_SHOWN || (Array.isArray(wanted) && wanted.length > WANTED_SHOWN);
  return isCut ? `${text.slice(0, WANTED_CHARS_SHOWN)} …` : text;
}

const [WANTED_SHOWN, WANTED_CHARS_SHOWN] = [10, 500];

function isDeletion({ delete_when: conditions }: MappingRule, delivered: Delivered): boolean {
  if (conditions === undefined) return false;
  const sets: readonly Conditions[] = Array.isArray(conditions) ? conditions : [conditions as Conditions];
  return sets.some((set) => fits(set, delivered));
}

const NO_CHANGES: MappedChanges = { kind: "changes", examples: [], deletes: [], deletedGroups: [], reason: null };

/** Deletes by the ids of the rule, or by group if it has none. */
function deletionBy({ id, group, order }: MappingRule, delivered: Delivered, isOrdered: boolean): Mapped {
  const [name, field = ""] =
    id === undefined && group !== undefined ? (["group", group] as const) : (["id", id] as const);
  const texts = readTexts(name, field, delivered);
  if (isMiss(texts)) return { kind: "unmappable", reason: texts.miss };
  if (texts.length === 0 || texts.length > LIMITS.deletionsPerDelivery) return badDeletion(name, field, texts.length);
  const position = order === undefined ? undefined : readField("order", order, delivered);
  if (isMiss(position)) return { kind: "unmappable", reason: position.miss };
  const at = isOrdered ? { position: (position as Position | undefined) ?? null } : {};
  const deletions = texts.map((text): MappedDeletion => ({ name: text, ...at }));
  return { ...NO_CHANGES, [name === "id" ? "deletes" : "deletedGroups"]: deletions };
}

function badDeletion(name: string, field: Field, count: number): Mapped {
  const fix = count === 0 ? "" : ". Delete the others with DELETE …/examples/{id}, or split the event";
  const detail = `A deletion must name 1 to ${LIMITS.deletionsPerDelivery} ${name}s; this names ${count}${fix}`;
  const { pointer, first = [] } = ruleOf(field);
  return { kind: "unmappable", reason: { code: "unmappable", detail, ...reasonAt(pointer ?? first[0] ?? "") } };
}

function examplesBy(rule: MappingRule, delivered: Delivered, isOrdered: boolean): Mapped {
  return holdsSeveral(rule, delivered) ? severalBy(rule, delivered) : oneBy(rule, delivered, isOrdered);
}

const FIELDS: readonly FieldName[] = [...MAPPED_FIELDS, "group", "order"];

function oneBy(rule: MappingRule, delivered: Delivered, isOrdered: boolean): Mapped {
  const fields = new Map<FieldName, Read>();
  for (const name of FIELDS) {
    const field = rule[name];
    if (field !== undefined) fields.set(name, readField(name, field, delivered));
  }
  if (rule.delete_unlabelled && isUnlabelled(fields)) return deletionBy(rule, delivered, isOrdered);
  const example = exampleOf(fields);
  return isMiss(example) ? { kind: "unmappable", reason: example.miss } : { ...NO_CHANGES, examples: [example] };
}

/** Whether all targets are missing. A value that is there but cannot be read is not missing. */
function isUnlabelled(fields: ReadonlyMap<FieldName, Read>): boolean {
  const targets = TARGET_FIELDS.filter((name) => fields.has(name)).map((name) => fields.get(name));
  return targets.every((target) => {
    if (isMiss(target)) return target.isEmpty;
    return target === undefined || (Array.isArray(target) && target.length === 0);
  });
}

function exampleOf(fields: ReadonlyMap<FieldName, Read>): MappedExample | Miss {
  const row: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    if (isMiss(value)) return value;
    if (value !== undefined) row[name] = value;
  }
  const { group, order, ...rest } = row;
  return {
    row: rest,
    group: typeof group === "string" ? group : undefined,
    position: order as Position | undefined,
  };
}

/** Whether each item is an example: the input comes from the items, and so does the id, if there is one. */
function holdsSeveral(rule: MappingRule, delivered: Delivered): boolean {
  const { id } = rule;
  const input = INPUT_FIELDS.map((name) => rule[name]).find((field) => field !== undefined);
  if (input === undefined || ruleOf(input).each === undefined) return false;
  if (id !== undefined && ruleOf(id).each === undefined) return false;
  return findsItems(input, delivered);
}

function severalBy(rule: MappingRule, delivered: Delivered): Mapped {
  const columns = new Map<FieldName, readonly Read[]>();
  const shared = new Map<FieldName, Read>();
  let count: number | null = null;
  for (const name of FIELDS) {
    const field = rule[name];
    if (field === undefined) continue;
    if (ruleOf(field).each === undefined) {
      shared.set(name, readField(name, field, delivered));
      continue;
    }
    const column = readColumn(name, field, delivered);
    if (isMiss(column)) return { kind: "unmappable", reason: column.miss };
    count ??= column.length;
    if (column.length !== count || count > LIMITS.examplesPerDelivery)
      return { kind: "unmappable", reason: badCount(name, field, column.length, count) };
    columns.set(name, column);
  }
  const examples = Array.from({ length: count ?? 0 }, (_, i) => {
    return exampleOf(new Map([...shared, ...[...columns].map(([name, column]) => [name, column[i]] as const)]));
  });
  const miss = examples.find(isMiss);
  return miss ? { kind: "unmappable", reason: miss.miss } : { ...NO_CHANGES, examples: examples as MappedExample[] };
}

function badCount(name: FieldName, field: Field, found: number, expected: number): DeliveryReason {
  const detail =
    found === expected
      ? `The delivery holds ${found} examples; the most is ${LIMITS.examplesPerDelivery}`
      : `The ${name} finds ${found} items where the fields before it find ${expected}; each item must have one`;
  const { pointer, first = [] } = ruleOf(field);
  return { code: "unmappable", detail, ...reasonAt(pointer ?? first[0] ?? "") };
}
