// What an example teaches: one field of its row, and which one the head's task decides. Here and nowhere else is it read.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray } from "./bounds.ts";
import { label, type Task } from "./heads.ts";
import type { RowCode, RowProblem } from "./inputs.ts";

/** Labels are a set: distinct, in code-unit order. A value is finite as float32 too, and no negative zero. */
export type Target = { readonly label: string } | { readonly labels: readonly string[] } | { readonly value: number };

const charsOf = (labels: readonly string[]): number => labels.reduce((sum, { length }) => sum + length, 0);

const labelSet = boundedArray(
  label,
  LIMITS.labelsPerHead,
  `must be an array of ${LIMITS.labelsPerHead} labels at most; [] for none of them`,
).refine((labels) => charsOf(labels) <= LIMITS.labelSetChars, `must hold ${LIMITS.labelSetChars} characters at most`);

const finite = z
  .number("must be a finite number")
  .refine((value) => Number.isFinite(Math.fround(value)), "must be a number that float32 can hold, to about ±3.4e38");

export const targetFields = {
  label: label.optional().openapi({ description: "Of a classification head: the label" }),
  labels: labelSet.optional().openapi({ description: "Of a multilabel head: every label that fits; [] for none" }),
  value: finite.optional().openapi({ description: "Of a regression head: the number to learn" }),
};

export const TARGET_FIELDS = ["label", "labels", "value"] as const;
export type TargetField = (typeof TARGET_FIELDS)[number];

export interface TargetFields {
  readonly label?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly value?: number | undefined;
}

interface TargetRule {
  readonly field: TargetField;
  readonly code: RowCode;
  readonly form: string;
}

const BY_TASK: Readonly<Record<Task, TargetRule>> = {
  classification: { field: "label", code: "invalid_label", form: "a string" },
  multilabel: { field: "labels", code: "invalid_label", form: "an array" },
  regression: { field: "value", code: "invalid_value", form: "a number" },
};

export const targetFieldOf = (task: Task): TargetField => BY_TASK[task].field;

/** The target that checked fields give to a head of `task`; or what is wrong with them. */
export function targetOf(task: Task, fields: TargetFields): Target | RowProblem {
  const { field, code, form } = BY_TASK[task];
  const stray = TARGET_FIELDS.find((other) => other !== field && fields[other] !== undefined);
  const target = stray === undefined ? canonical(fields) : null;
  if (target) return target;
  const only = stray !== undefined && fields[field] !== undefined ? ` and no "${stray}"` : "";
  return { code, detail: `this head is ${task}: give "${field}", ${form}${only}`, pointer: `/${stray ?? field}` };
}

/** null when no field is given. Negative zero equals zero, so it is not kept apart from it. */
function canonical({ label: name, labels, value }: TargetFields): Target | null {
  if (name !== undefined) return { label: name };
  if (labels !== undefined) return { labels: [...new Set(labels)].sort() };
  return value === undefined ? null : { value: value + 0 };
}

/** The labels that a target names. */
export function labelsIn(target: Target): readonly string[] {
  if ("label" in target) return [target.label];
  return "labels" in target ? target.labels : [];
}

/** Equal targets of a task have equal texts: what sameness, order and digests of examples go by. */
export function targetText(target: Target): string {
  if ("label" in target) return JSON.stringify(target.label);
  return JSON.stringify("labels" in target ? target.labels : target.value);
}
