// Examples as a training sees them: labels by index, targets in the arrays of the kernels, inputs by stratum.
import type { HeadConfig } from "../../src/contract/rpc.ts";
import { labelsIn } from "../../src/contract/targets.ts";
import type { FoldRow } from "../../src/engine/folds.ts";
import { packSets } from "../../src/engine/heads/sigmoid.ts";
import type { Targets } from "../../src/tensor/products.ts";
import type { TrainingRow } from "../tables/examples.ts";

/** The labels of a training and where each stands. */
export interface LabelIndex {
  readonly task: HeadConfig["task"];
  readonly names: readonly string[];
  readonly at: ReadonlyMap<string, number>;
}

/** The fixed labels in their order, or those of the examples in code-unit order. */
export function indexLabels({ task, labels }: HeadConfig, rows: readonly TrainingRow[]): LabelIndex {
  const names = labels ?? [...new Set(rows.flatMap(({ target }) => labelsIn(target)))].sort();
  return { task, names, at: new Map(names.map((name, i) => [name, i])) };
}

/** Places of a row's labels, but of those that are left out. */
const indicesOf = ({ at }: LabelIndex, { target }: TrainingRow): number[] =>
  labelsIn(target).flatMap((label) => at.get(label) ?? []);

/** Rows that teach one of `labels`. A set that is left without a label teaches that none of them fits. */
export const rowsOf = ({ task, at }: LabelIndex, rows: readonly TrainingRow[]): readonly TrainingRow[] => {
  const isKept = ({ target }: TrainingRow): boolean => !("label" in target) || at.has(target.label);
  return task === "classification" && !rows.every(isKept) ? rows.filter(isKept) : rows;
};

/** Distinct inputs that a training may use, in all and by label; `rows` in the order of training, in which one's follow each other. */
export function inputsByLabel(labels: LabelIndex, rows: readonly TrainingRow[]) {
  const all = new DistinctInputs();
  const byLabel = labels.names.map(() => new DistinctInputs());
  for (const row of rows) {
    if (row.split === "test") continue;
    all.add(row.input);
    for (const k of indicesOf(labels, row)) byLabel[k]?.add(row.input);
  }
  return { inputs: all.count, counts: labels.names.map((label, k) => ({ label, inputs: byLabel[k]?.count ?? 0 })) };
}

/** Of inputs that follow each other: sets of them all would take twice as long. */
class DistinctInputs {
  count = 0;
  #last: number | null = null;

  add(input: number): void {
    if (input !== this.#last) this.count++;
    this.#last = input;
  }
}

/** What each row is spread by: its label, or the rarest of its set. */
export function strataOf(labels: LabelIndex, rows: readonly TrainingRow[]): FoldRow[] {
  const counts = new Float64Array(labels.names.length);
  const indices = rows.map((row) => indicesOf(labels, row));
  for (const own of indices) for (const k of own) counts[k] = (counts[k] as number) + 1;
  return rows.map(({ digest, split }, r) => {
    const own = indices[r] as number[];
    return { digest, split, stratum: own.length === 1 ? (own[0] as number) : rarestOf(own, counts) };
  });
}

/** The first of those with the fewest examples; past all labels, of a set that is empty. */
function rarestOf(indices: readonly number[], counts: Float64Array): number {
  const [rarest] = indices.toSorted((a, b) => (counts[a] as number) - (counts[b] as number) || a - b);
  return rarest ?? counts.length;
}

/**
 * Where the values of a regression are counted from: float32 keeps seven digits, and seconds since 1970 have ten before they
 * differ. 0 for labels.
 */
export function valueOffsetOf(rows: readonly TrainingRow[]): number {
  const values = rows.flatMap(({ target }) => ("value" in target ? [target.value] : []));
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value / values.length, 0);
}

export function encodeTargets(labels: LabelIndex, rows: readonly TrainingRow[], valueOffset: number): Targets {
  if (labels.task === "classification") return Int32Array.from(rows, (row) => indicesOf(labels, row)[0] as number);
  if (labels.task === "multilabel")
    return packSets(
      rows.map((row) => indicesOf(labels, row)),
      labels.names.length,
    );
  return Float32Array.from(rows, ({ target }) => ("value" in target ? target.value - valueOffset : 0));
}

/** The first 16 hex digits of each digest as two int32: enough to know an input again. */
export function digestWords(rows: readonly TrainingRow[]): Int32Array {
  const words = new Int32Array(2 * rows.length);
  rows.forEach(({ digest }, r) => {
    words[2 * r] = Number.parseInt(digest.slice(0, 8), 16);
    words[2 * r + 1] = Number.parseInt(digest.slice(8, 16), 16);
  });
  return words;
}
