// Copies the rows of a job into its snapshot: the examples as they are now, in the order of training, in blocks of their
// part. Features lie in order of arrival, so they are picked out of a scan of all blocks, a bounded group at a time.
import { sha256Hex, utf8 } from "../../src/core/bytes.ts";
import { type Part, rowsPerBlock } from "../../src/engine/blocks.ts";
import { splitRows } from "../../src/engine/split.ts";
import { assertSplit, assertTrainable, type PartCounts } from "../../src/lifecycle/readiness.ts";
import type { TrainingRow } from "../tables/examples.ts";
import type { HeadMeta, HeadStore } from "./store.ts";

/** Bytes of features copied between two turns of the event loop. */
const GROUP_BYTES = 12 << 20;

interface TargetBlock {
  readonly part: Part;
  readonly number: number;
  readonly rows: readonly TrainingRow[];
}

/**
 * Fills the snapshot. Starts over when a feature is removed meanwhile, since rows then lie elsewhere; gives up, with null,
 * once the job is not live any more.
 */
export async function gather(
  store: HeadStore,
  turn: () => Promise<void>,
  isLive: () => boolean,
): Promise<HeadMeta["dataset"] | null> {
  const dims = store.config.backbone.dimension;
  while (isLive()) {
    const removals = removalsOf(store);
    const rows = store.examples.inTrainingOrder();
    const labels = labelsOf(store, rows);
    assertTrainable(countInputs(rows, labels), dims);
    const parts = partsOf(rows, labels);
    assertSplit(labels.map((label) => ({ label, ...countParts(rows, parts, label) })));
    store.snapshot.clear();
    const isUnchanged = (): boolean => isLive() && removalsOf(store) === removals;
    if (await copyAll(store, targetsOf(rows, parts, dims), labels, turn, isUnchanged))
      return describe(rows, parts, labels);
  }
  return null;
}

const removalsOf = ({ meta }: HeadStore): number => meta.get("removals")?.count ?? 0;

/** The fixed labels in their order, or those of the examples in code-unit order. */
function labelsOf({ config }: HeadStore, rows: readonly TrainingRow[]): readonly string[] {
  return config.labels ?? [...new Set(rows.map(({ label }) => label))].sort();
}

function countInputs(rows: readonly TrainingRow[], labels: readonly string[]) {
  const inputs = new Map(labels.map((label) => [label, new Set<number>()]));
  for (const { label, split, input } of rows) if (split !== "test") inputs.get(label)?.add(input);
  return [...inputs].map(([label, set]) => ({ label, inputs: set.size }));
}

function partsOf(rows: readonly TrainingRow[], labels: readonly string[]): Part[] {
  const index = new Map(labels.map((label, i) => [label, i]));
  return splitRows(rows.map(({ digest, label, split }) => ({ digest, split, label: index.get(label) as number })));
}

function countParts(rows: readonly TrainingRow[], parts: readonly Part[], label: string): PartCounts {
  const own = parts.filter((_, i) => rows[i]?.label === label);
  const count = (part: Part): number => own.filter((other) => other === part).length;
  return { train: count("train"), validation: count("validation") };
}

function targetsOf(rows: readonly TrainingRow[], parts: readonly Part[], dims: number): TargetBlock[] {
  const size = rowsPerBlock(dims);
  return (["train", "validation", "test"] as const).flatMap((part) => {
    const own = rows.filter((_, i) => parts[i] === part);
    return Array.from({ length: Math.ceil(own.length / size) }, (_, number) => ({
      ...{ part, number, rows: own.slice(number * size, (number + 1) * size) },
    }));
  });
}

/** false: the job ended, or a feature was removed, before all were copied. */
async function copyAll(
  store: HeadStore,
  targets: readonly TargetBlock[],
  labels: readonly string[],
  turn: () => Promise<void>,
  isUnchanged: () => boolean,
): Promise<boolean> {
  const dims = store.config.backbone.dimension;
  const perGroup = Math.max(1, Math.floor(GROUP_BYTES / (4 * dims * rowsPerBlock(dims))));
  for (let at = 0; at < targets.length; at += perGroup) {
    copyGroup(store, targets.slice(at, at + perGroup), labels);
    await turn();
    if (!isUnchanged()) return false;
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
  rows: readonly TrainingRow[],
  parts: readonly Part[],
  labels: readonly string[],
): Promise<HeadMeta["dataset"]> {
  const lines = rows.map(({ digest, label }, i) => `${digest} ${parts[i]} ${JSON.stringify(label)}\n`);
  const digest = `sha256:${await sha256Hex(utf8(lines.join("")))}`;
  return { digest, examples: rows.length, labels, baseline: baselineAccuracy(rows, parts) };
}

/** Accuracy on the validation rows of always answering the most frequent label of the training rows. */
function baselineAccuracy(rows: readonly TrainingRow[], parts: readonly Part[]): number {
  const labelsIn = (part: Part): string[] => rows.filter((_, i) => parts[i] === part).map(({ label }) => label);
  const counts = new Map<string, number>();
  for (const label of labelsIn("train")) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [majority] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  const validation = labelsIn("validation");
  return validation.filter((label) => label === majority).length / Math.max(1, validation.length);
}
