// The target of an example: one field of its row, which the head's task decides. No other file reads it.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray } from "./bounds.ts";
import { label } from "./labels.ts";
import type { RowCode, RowProblem } from "./row-problem.ts";
import { TARGET_FIELDS, type TargetField, type Task, targetFieldOf } from "./tasks.ts";

/** Labels are a set: distinct, in code-unit order. A value is finite as float32, and never negative zero. */
export type Target = { readonly label: string } | { readonly labels: readonly string[] } | { readonly value: number };

const charsOf = (labels: readonly string[]): number => labels.reduce((sum, { length }) => sum + length, 0);

const labelSet = boundedArray(
  label,
  LIMITS.labelsPerHead,
  `must be an array of at most ${LIMITS.labelsPerHead} labels; [] for none`,
).refine((labels) => charsOf(labels) <= LIMITS.labelSetChars, `must have at most ${LIMITS.labelSetChars} characters`);

const finite = z
  .number("must be a finite number")
  .refine((value) => Number.isFinite(Math.fround(value)), "must be a number within float32, about ±3.4e38");

export const targetFields = {
  label: label.optional().openapi({ description: "For a classification head: the label" }),
  labels: labelSet.optional().openapi({ description: "For a multilabel head: all labels that apply; [] for none" }),
  value: finite.optional().openapi({ description: "For a regression head: the number to learn" }),
};

export interface TargetFields {
  readonly label?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly value?: number | undefined;
}

interface TargetForm {
  readonly code: RowCode;
  readonly form: string;
}

const FORMS: Readonly<Record<TargetField, TargetForm>> = {
  label: { code: "invalid_label", form: "a string" },
  labels: { code: "invalid_label", form: "an array" },
  value: { code: "invalid_value", form: "a number" },
};

/** Whether any target is given. */
export const hasTarget = (fields: TargetFields): boolean => TARGET_FIELDS.some((field) => fields[field] !== undefined);

/** The target that validated fields give for a head of `task`; or the problem with them. */
export function targetOf(task: Task, fields: TargetFields): Target | RowProblem {
  const field = targetFieldOf(task);
  const { code, form } = FORMS[field];
  const stray = TARGET_FIELDS.find((other) => other !== field && fields[other] !== undefined);
  const target = stray === undefined ? canonical(fields) : null;
  if (target) return target;
  const only = stray !== undefined && fields[field] !== undefined ? ` and no "${stray}"` : "";
  return { code, detail: `this head is ${task}: give "${field}", ${form}${only}`, pointer: `/${stray ?? field}` };
}

/** null if no field is given. Negative zero becomes zero. */
function canonical({ label: name, labels, value }: TargetFields): Target | null {
  if (name !== undefined) return { label: name };
  if (labels !== undefined) return { labels: [...new Set(labels)].sort() };
  return value === undefined ? null : { value: value + 0 };
}

export function labelsIn(target: Target): readonly string[] {
  if ("label" in target) return [target.label];
  return "labels" in target ? target.labels : [];
}

/** Equal targets of a task have equal texts. Equality, order and digests of examples use these. */
export function targetText(target: Target): string {
  if ("label" in target) return JSON.stringify(target.label);
  return JSON.stringify("labels" in target ? target.labels : target.value);
}
