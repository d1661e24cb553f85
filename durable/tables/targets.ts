// The columns of an example's target: the id of its label, or the ids of its labels, or its value. Triggers copy the ids of a
// set into `example_labels`, which finds the examples of a label.
import type { Target } from "../../src/contract/targets.ts";
import type { TargetField } from "../../src/contract/tasks.ts";
import { selectByKeys } from "../kit/rows.ts";

/** The value of `examples.label`, which must not be null, for no label. Ids of labels begin at 1. */
const NO_LABEL = 0;

/** The form that is written. */
export interface TargetColumns {
  readonly label: number;
  /** Ids in the order of the labels. */
  readonly label_ids: readonly number[] | null;
  /**
   * Decimal text: SQLite guarantees 15 digits of a decimal that it parses, and a value must be returned exactly as it was sent.
   */
  readonly value: string | null;
}

/** The form that is read, with the label's name. */
export interface StoredTarget {
  readonly label: string | null;
  readonly label_ids: string | null;
  readonly value: string | null;
}

/** How the examples with a label are found, and how targets are sorted. */
interface TargetStorage {
  readonly byLabel: { readonly tables: string; readonly label: string; readonly seq: string };
  /** Whether SQLite's order by label and value is not the training order, because the columns hold ids of labels. */
  readonly needsSort: boolean;
}

/** For heads whose examples have no index of labels, and for lists of all examples. */
export const ALL_EXAMPLES = { tables: "examples", label: "examples.label", seq: "seq" } as const;

export const TARGET_STORAGE: Readonly<Record<TargetField, TargetStorage>> = {
  label: { byLabel: ALL_EXAMPLES, needsSort: false },
  labels: {
    byLabel: {
      tables: "example_labels CROSS JOIN examples ON seq = example",
      label: "example_labels.label",
      seq: "example",
    },
    needsSort: true,
  },
  value: { byLabel: ALL_EXAMPLES, needsSort: false },
};

/** Reads a `StoredTarget` from `examples LEFT JOIN labels`. */
export const TARGET_COLUMNS = "labels.name AS label, label_ids, value";

/** `ids`: of every label of the target. */
export function columnsOf(target: Target, ids: ReadonlyMap<string, number>): TargetColumns {
  const none = { label: NO_LABEL, label_ids: null, value: null };
  if ("label" in target) return { ...none, label: ids.get(target.label) as number };
  if ("value" in target) return { ...none, value: String(target.value) };
  return { ...none, label_ids: target.labels.map((label) => ids.get(label) as number) };
}

/** Reads targets from `rows`. Equal label sets share one object, because a training holds the sets of all examples at once. */
export function targetReader(sql: SqlStorage, rows: readonly StoredTarget[]): (row: StoredTarget) => Target {
  const sets = new Map<string, readonly number[]>();
  for (const { label_ids } of rows) {
    if (label_ids !== null && !sets.has(label_ids)) sets.set(label_ids, JSON.parse(label_ids) as number[]);
  }
  const names = namesOf(sql, [...new Set([...sets.values()].flat())]);
  const targets = new Map([...sets].map(([text, ids]) => [text, { labels: ids.map((id) => names.get(id) as string) }]));
  return ({ label, label_ids, value }) => {
    if (label !== null) return { label };
    return label_ids === null ? { value: Number(value) } : (targets.get(label_ids) as Target);
  };
}

function namesOf(sql: SqlStorage, ids: readonly number[]): ReadonlyMap<number, string> {
  const query = "SELECT id, name FROM labels WHERE id IN (SELECT value FROM json_each(?))";
  return new Map(selectByKeys<{ id: number; name: string }>(sql, query, ids).map(({ id, name }) => [id, name]));
}
