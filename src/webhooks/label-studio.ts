// Label Studio: an annotation is an example, because deletions name annotations only. Its group is its task.
// Events: labelstud.io/guide/webhook_reference. Results by control: labelstud.io/tags. Bulk events and the fields of each
// event: label_studio/webhooks/models.py and utils.py of HumanSignal/label-studio (read on 2026-11-30).
import type { Conditions, FieldRule, MappingRule } from "../contract/mapping.ts";
import { type TargetField, type Task, targetFieldOf } from "../contract/tasks.ts";
import { textOf } from "./exact-number.ts";
import type { PayloadPart } from "./parts.ts";
import { type Delivered, valueAt } from "./places.ts";

/** The separator that Label Studio uses in a path of a taxonomy. */
const PATH_SEPARATOR = " / ";

/** `control`: the name of the control (`from_name`) to learn from; null if the project has only one. */
export function labelStudioRules(task: Task, control: string | null): readonly MappingRule[] {
  const target = targetOf(task, control);
  const annotation: MappingRule = {
    text: "/task/data/text",
    id: "/annotation/id",
    group: { first: ["/annotation/task", "/task/id"], optional: true },
    order: { first: ["/annotation/updated_at", "/annotation/created_at"], optional: true },
    delete_when: [{ "/annotation/was_cancelled": true }, { "/annotation/result/0": null }],
    ...target,
  };
  return [
    { when: action("TASK_DELETED", "TASKS_DELETED"), delete_when: {}, group: idsOf("/tasks", "/task", "/id") },
    {
      when: action("ANNOTATION_DELETED", "ANNOTATIONS_DELETED"),
      delete_when: {},
      id: idsOf("/annotations", "/annotation", "/id"),
    },
    { when: action("ANNOTATION_UPDATED", "ANNOTATIONS_UPDATED"), ...annotation, delete_unlabelled: true },
    {
      when: action("ANNOTATION_CREATED", "ANNOTATIONS_CREATED"),
      ...annotation,
      delete_unlabelled: target.labels !== undefined,
    },
  ];
}

const action = (...names: string[]): Conditions => ({ "/action": names });
const idsOf = (...first: string[]): FieldRule => ({ first, each: "/id" });

/**
 * Without a named control, all values must be of the same control; labels may come from several. Stars are labels only if their
 * control is named.
 */
function targetOf(task: Task, control: string | null): MappingRule {
  const results: FieldRule = {
    pointer: "/annotation/result",
    where: control === null ? undefined : { "/from_name": control },
  };
  const choices: FieldRule = {
    ...results,
    each: ["/value/choices", "/value/taxonomy", ...(control === null ? [] : ["/value/rating"])],
    path_separator: PATH_SEPARATOR,
  };
  const same = "/from_name";
  const rules: Readonly<Record<TargetField, MappingRule>> = {
    label: { label: { ...choices, same } },
    labels: { labels: choices },
    value: { value: { ...results, same, each: ["/value/number", "/value/rating"] } },
  };
  return rules[targetFieldOf(task)];
}

const BULK: Readonly<Record<string, string>> = {
  ANNOTATIONS_CREATED: "ANNOTATION_CREATED",
  ANNOTATIONS_UPDATED: "ANNOTATION_UPDATED",
};

/** Splits a bulk event into one event for each annotation, with its task. Other events stay as they are. */
export function labelStudioParts(delivered: Delivered): readonly PayloadPart[] {
  const name = valueAt(delivered, "/action");
  const action = typeof name === "string" && Object.hasOwn(BULK, name) ? BULK[name] : undefined;
  const annotations = listAt(delivered, "/annotation") ?? listAt(delivered, "/annotations") ?? [];
  if (action === undefined || annotations.length === 0) return [{ fields: null, at: (pointer) => pointer }];
  const tasks = listAt(delivered, "/task") ?? listAt(delivered, "/tasks") ?? [];
  const byId = new Map(tasks.map((task, i) => [idIn(task, "id"), { task, i }]));
  return annotations.map((annotation, i) => {
    const { task, i: j } = byId.get(idIn(annotation, "task")) ?? { task: null, i };
    const at = (pointer: string): string =>
      pointer.replace(/^\/annotation(?=\/|$)/, `/annotation/${i}`).replace(/^\/task(?=\/|$)/, `/task/${j}`);
    return { fields: { action, annotation, task }, at };
  });
}

function idIn(value: unknown, field: string): string | null {
  const isObject = typeof value === "object" && value !== null && Object.hasOwn(value, field);
  return isObject ? textOf((value as Record<string, unknown>)[field]) : null;
}

function listAt(delivered: Delivered, pointer: string): readonly unknown[] | null {
  const found = valueAt(delivered, pointer);
  return Array.isArray(found) ? found : null;
}
