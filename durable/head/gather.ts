// Copies the rows of a job into its snapshot: the examples as they are now, in the order of training, in blocks of their
// part. Features lie in order of arrival, so they are picked out of a scan of all blocks, a bounded group at a time.
import { sha256Hex, utf8 } from "../../src/core/bytes.ts";
import { type Part, rowsPerBlock } from "../../src/engine/blocks.ts";
import { splitRows } from "../../src/engine/split.ts";
import { assertSplit, assertTrainable } from "../../src/lifecycle/readiness.ts";
import type { ExampleRow } from "../tables/examples.ts";
import type { HeadMeta, HeadStore } from "./store.ts";

/** Bytes of features copied between two turns of the event loop. */
const GROUP_BYTES = 12 << 20;

interface TargetBlock {
  readonly part: Part;
  readonly number: number;
  readonly rows: readonly ExampleRow[];
}

/** Fills the snapshot. Starts over when a feature is removed meanwhile, since rows then lie elsewhere. */
export async function gather(store: HeadStore, seed: number, turn: () => Promise<void>): Promise<HeadMeta["dataset"]> {
  for (;;) {
    const removals = store.meta.get("removals")?.count ?? 0;
    const rows = store.examples.inTrainingOrder().toArray();
    const labels = labelsOf(store, rows);
    assertTrainable(countInputs(rows, labels), store.config.backbone.dimension);
    const parts = partsOf(rows, labels, seed);
    assertSplit({ train: countOf(parts, "train"), validation: countOf(parts, "validation") });
    store.snapshot.clear();
    if (await copyAll(store, targetsOf(rows, parts, store.config.backbone.dimension), labels, removals, turn)) {
      return describe(rows, parts, labels);
    }
  }
}

/** The fixed labels in their order, or those of the examples in code-unit order. */
function labelsOf({ config }: HeadStore, rows: readonly ExampleRow[]): readonly string[] {
  return config.labels ?? [...new Set(rows.map(({ label }) => label))].sort();
}

function countInputs(rows: readonly ExampleRow[], labels: readonly string[]) {
  const inputs = new Map(labels.map((label) => [label, new Set<number>()]));
  for (const { label, split, input } of rows) if (split !== "test") inputs.get(label)?.add(input);
  return [...inputs].map(([label, set]) => ({ label, inputs: set.size }));
}

function partsOf(rows: readonly ExampleRow[], labels: readonly string[], seed: number): Part[] {
  const index = new Map(labels.map((label, i) => [label, i]));
  return splitRows(
    rows.map(({ digest, label, split }) => ({ digest, split, label: index.get(label) as number })),
    seed,
  );
}

const countOf = (parts: readonly Part[], part: Part): number => parts.filter((other) => other === part).length;

function targetsOf(rows: readonly ExampleRow[], parts: readonly Part[], dims: number): TargetBlock[] {
  const size = rowsPerBlock(dims);
  return (["train", "validation", "test"] as const).flatMap((part) => {
    const own = rows.filter((_, i) => parts[i] === part);
    return Array.from({ length: Math.ceil(own.length / size) }, (_, number) => ({
      ...{ part, number, rows: own.slice(number * size, (number + 1) * size) },
    }));
  });
}

/** false: a feature was removed before all were copied. */
async function copyAll(
  store: HeadStore,
  targets: readonly TargetBlock[],
  labels: readonly string[],
  removals: number,
  turn: () => Promise<void>,
): Promise<boolean> {
  const dims = store.config.backbone.dimension;
  const perGroup = Math.max(1, Math.floor(GROUP_BYTES / (4 * dims * rowsPerBlock(dims))));
  for (let at = 0; at < targets.length; at += perGroup) {
    copyGroup(store, targets.slice(at, at + perGroup), labels);
    await turn();
    if ((store.meta.get("removals")?.count ?? 0) !== removals) return false;
  }
  return true;
}

function copyGroup(store: HeadStore, targets: readonly TargetBlock[], labels: readonly string[]): void {
  const dims = store.config.backbone.dimension;
  const index = new Map(labels.map((label, i) => [label, i]));
  const outputs = targets.map(({ rows }) => new Float32Array(rows.length * dims));
  const wanted = placesByBlock(targets);
  for (const { id, features } of store.features.blocks()) {
    for (const { slot, target, row } of wanted.get(id) ?? []) {
      outputs[target]?.set(features.subarray(slot * dims, (slot + 1) * dims), row * dims);
    }
  }
  store.storage.transactionSync(() => {
    targets.forEach(({ part, number, rows }, i) => {
      const blockLabels = Int32Array.from(rows, ({ label }) => index.get(label) as number);
      store.snapshot.put(part, number, { features: outputs[i] as Float32Array, labels: blockLabels });
    });
  });
}

function placesByBlock(targets: readonly TargetBlock[]) {
  const wanted = new Map<number, { slot: number; target: number; row: number }[]>();
  targets.forEach(({ rows }, target) => {
    rows.forEach(({ block, slot }, row) => {
      const places = wanted.get(block) ?? [];
      places.push({ slot, target, row });
      wanted.set(block, places);
    });
  });
  return wanted;
}

/** The digest covers inputs, labels and parts, in order: the same examples give the same one, however they arrived. */
async function describe(
  rows: readonly ExampleRow[],
  parts: readonly Part[],
  labels: readonly string[],
): Promise<HeadMeta["dataset"]> {
  const lines = rows.map(({ digest, label }, i) => `${digest} ${parts[i]} ${JSON.stringify(label)}\n`);
  const digest = `sha256:${await sha256Hex(utf8(lines.join("")))}`;
  return { digest, examples: rows.length, labels, baseline: baselineAccuracy(rows, parts) };
}

/** Accuracy on the validation rows of always answering the most frequent label of the training rows. */
function baselineAccuracy(rows: readonly ExampleRow[], parts: readonly Part[]): number {
  const labelsIn = (part: Part): string[] => rows.filter((_, i) => parts[i] === part).map(({ label }) => label);
  const counts = new Map<string, number>();
  for (const label of labelsIn("train")) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [majority] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  const validation = labelsIn("validation");
  return validation.filter((label) => label === majority).length / Math.max(1, validation.length);
}
