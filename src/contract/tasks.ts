// The tasks that heads can learn, with the properties that every layer needs. The engine and serving add their own:
// src/engine/tasks and src/serving/tasks.

export const TASKS = ["classification", "multilabel", "regression"] as const;
export type Task = (typeof TASKS)[number];

/** The fields of an example that can hold its target. */
export const TARGET_FIELDS = ["label", "labels", "value"] as const;
export type TargetField = (typeof TARGET_FIELDS)[number];

interface TaskRules {
  readonly target: TargetField;
  /** Labels that a training needs; null: the head learns values, and has no labels. */
  readonly leastLabels: number | null;
}

const RULES: Readonly<Record<Task, TaskRules>> = {
  classification: { target: "label", leastLabels: 2 },
  multilabel: { target: "labels", leastLabels: 1 },
  regression: { target: "value", leastLabels: null },
};

/** The field that holds the targets of a head. */
export const targetFieldOf = (task: Task): TargetField => RULES[task].target;

export const learnsLabels = (task: Task): boolean => RULES[task].leastLabels !== null;

/** Labels that a training needs; 0 for values. */
export const leastLabels = (task: Task): number => RULES[task].leastLabels ?? 0;
