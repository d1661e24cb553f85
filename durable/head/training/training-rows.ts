// Encodes examples for a training: labels by index, targets in the kernels' arrays, and the stratum of each row.
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { labelsIn } from "../../../src/contract/targets.ts";
import { eachInSteps, type Steps } from "../../../src/core/steps.ts";
import type { FoldRow } from "../../../src/engine/data/folds.ts";
import { TASK_KINDS } from "../../../src/engine/tasks/registry.ts";
import type { LabelCount } from "../../../src/lifecycle/readiness.ts";
import type { Targets } from "../../../src/tensor/products.ts";
import type { TrainingRow } from "../../tables/training-order.ts";

/** The labels of a training, each with its index. */
export interface LabelIndex {
  readonly task: HeadConfig["task"];
  readonly names: readonly string[];
  readonly at: ReadonlyMap<string, number>;
}

/** The head's fixed labels in their order; without these, the labels of the examples in code-unit order. */
export function* indexLabels({ task, labels }: HeadConfig, rows: readonly TrainingRow[]): Steps<LabelIndex> {
  const names = labels ?? [...(yield* labelsOf(rows))].sort();
  return { task, names, at: new Map(names.map((name, i) => [name, i])) };
}

function* labelsOf(rows: readonly TrainingRow[]): Steps<ReadonlySet<string>> {
  const labels = new Set<string>();
  yield* eachInSteps(rows, ({ target }) => {
    for (const label of labelsIn(target)) labels.add(label);
  });
  return labels;
}

/** Indices of a row's labels, without labels that are left out. */
const indicesOf = ({ at }: LabelIndex, { target }: TrainingRow): number[] =>
  labelsIn(target).flatMap((label) => at.get(label) ?? []);

/** Rows that a training on `labels` uses. A multilabel row whose labels are all left out stays, as a row with no label. */
export function* rowsOf({ task, at }: LabelIndex, rows: readonly TrainingRow[]): Steps<readonly TrainingRow[]> {
  if (!TASK_KINDS[task].targets.labels?.isNeeded) return rows;
  const kept: TrainingRow[] = [];
  yield* eachInSteps(rows, (row) => {
    if (labelsIn(row.target).some((label) => at.has(label))) kept.push(row);
  });
  return kept.length === rows.length ? rows : kept;
}

interface CountedInputs {
  readonly inputs: number;
  readonly counts: readonly LabelCount[];
}

/**
 * Counts distinct inputs to train on, in total and by label. `rows` must be in training order: rows of one input are adjacent.
 */
export function* inputsByLabel(labels: LabelIndex, rows: readonly TrainingRow[]): Steps<CountedInputs> {
  const all = new DistinctInputs();
  const byLabel = labels.names.map(() => new DistinctInputs());
  yield* eachInSteps(rows, (row) => {
    if (row.split === "test") return;
    all.add(row.input);
    for (const k of indicesOf(labels, row)) byLabel[k]?.add(row.input);
  });
  return { inputs: all.count, counts: labels.names.map((label, k) => ({ label, inputs: byLabel[k]?.count ?? 0 })) };
}

/** Counts distinct inputs whose rows are adjacent. A Set of all inputs would take twice as long. */
class DistinctInputs {
  count = 0;
  #last: number | null = null;

  add(input: number): void {
    if (input !== this.#last) this.count++;
    this.#last = input;
  }
}

/** The stratum of each row: its label, or the rarest label of its set. */
export function* strataOf(labels: LabelIndex, rows: readonly TrainingRow[]): Steps<FoldRow[]> {
  const counts = new Float64Array(labels.names.length);
  yield* eachInSteps(rows, (row) => {
    for (const k of indicesOf(labels, row)) counts[k] = (counts[k] as number) + 1;
  });
  const strata: FoldRow[] = [];
  yield* eachInSteps(rows, (row) => {
    const own = indicesOf(labels, row);
    const stratum = own.length === 1 ? (own[0] as number) : rarestOf(own, counts);
    strata.push({ digest: row.digest, split: row.split, stratum });
  });
  return strata;
}

/** The first label with the fewest examples; for an empty set, the index after the last label. */
function rarestOf(indices: readonly number[], counts: Float64Array): number {
  const [rarest] = indices.toSorted((a, b) => (counts[a] as number) - (counts[b] as number) || a - b);
  return rarest ?? counts.length;
}

/**
 * The mean value of a regression, which is subtracted from all values; 0 for labels. Reason: float32 keeps seven digits, and
 * values such as seconds since 1970 share their first digits.
 */
export function valueOffsetOf(rows: readonly TrainingRow[]): number {
  let count = 0;
  for (const { target } of rows) if ("value" in target) count++;
  let mean = 0;
  for (const { target } of rows) if ("value" in target) mean += target.value / count;
  return mean;
}

export function encodeTargets(labels: LabelIndex, rows: readonly TrainingRow[], valueOffset: number): Targets {
  const valueIn = ({ target }: TrainingRow): number => ("value" in target ? target.value - valueOffset : 0);
  return TASK_KINDS[labels.task].targets.encode({
    rows: rows.length,
    labels: labels.names.length,
    labelsOf: (row) => indicesOf(labels, rows[row] as TrainingRow),
    numberOf: (row) => valueIn(rows[row] as TrainingRow),
  });
}

/** The first 16 hex digits of each digest as two int32, enough to recognise an input. [2 * rows] */
export function digestWords(rows: readonly TrainingRow[]): Int32Array {
  const words = new Int32Array(2 * rows.length);
  rows.forEach(({ digest }, r) => {
    words[2 * r] = Number.parseInt(digest.slice(0, 8), 16);
    words[2 * r + 1] = Number.parseInt(digest.slice(8, 16), 16);
  });
  return words;
}
