// Copies the rows of a job into its snapshot: the examples as they are now, in the order of training, in blocks of their
// part. Features lie in order of arrival, so they are picked out of a scan of all blocks, a bounded group at a time.
import { type Part, rowsPerBlock } from "../../src/engine/blocks.ts";
import { type Folds, foldRows } from "../../src/engine/folds.ts";
import { assertFolds, assertTrainable } from "../../src/lifecycle/readiness.ts";
import type { TrainingRow } from "../tables/examples.ts";
import { describeDataset } from "./dataset.ts";
import type { HeadMeta, HeadStore } from "./store.ts";
import { digestWords, encodeTargets, indexLabels, inputsByLabel, strataOf } from "./training-rows.ts";

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
  const { task, backbone } = store.config;
  while (isLive()) {
    const removals = removalsOf(store);
    const rows = store.examples.inTrainingOrder();
    const labels = indexLabels(store.config, rows);
    assertTrainable({ task, dims: backbone.dimension, ...inputsByLabel(labels, rows) });
    const folds = foldRows(strataOf(labels, rows));
    assertFolds(task, labels.names, folds, rows);
    store.snapshot.clear();
    const isUnchanged = (): boolean => isLive() && removalsOf(store) === removals;
    if (await copyAll(store, targetsOf(rows, folds, backbone.dimension), labels, turn, isUnchanged))
      return describeDataset(store.config, rows, folds, labels);
  }
  return null;
}

const removalsOf = ({ meta }: HeadStore): number => meta.get("removals")?.count ?? 0;

function targetsOf(rows: readonly TrainingRow[], { parts, folds }: Folds, dims: number): TargetBlock[] {
  const size = rowsPerBlock(dims);
  const byPart = new Map<Part, TrainingRow[]>([...Array.from({ length: folds }, (_, f) => f), "test" as const].map((part) => [part, []]));
  rows.forEach((row, i) => byPart.get(parts[i] as Part)?.push(row));
  return [...byPart].flatMap(([part, own]) =>
    Array.from({ length: Math.ceil(own.length / size) }, (_, number) => ({
      ...{ part, number, rows: own.slice(number * size, (number + 1) * size) },
    })),
  );
}

/** false: the job ended, or a feature was removed, before all were copied. */
async function copyAll(
  store: HeadStore,
  targets: readonly TargetBlock[],
  labels: ReturnType<typeof indexLabels>,
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

function copyGroup(store: HeadStore, targets: readonly TargetBlock[], labels: ReturnType<typeof indexLabels>): void {
  const dims = store.config.backbone.dimension;
  const outputs = targets.map(({ rows }) => new Float32Array(rows.length * dims));
  const wanted = placesByBlock(targets);
  for (const { id, features } of store.features.blocks()) {
    for (const { slot, target, row } of wanted.get(id) ?? []) {
      outputs[target]?.set(features.subarray(slot * dims, (slot + 1) * dims), row * dims);
    }
  }
  store.storage.transactionSync(() => {
    targets.forEach(({ part, number, rows }, i) => {
      store.snapshot.put(part, number, {
        ...{ rows: rows.length, features: outputs[i] as Float32Array, targets: encodeTargets(labels, rows) },
        examples: Float64Array.from(rows, ({ seq }) => seq),
        digests: digestWords(rows),
      });
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
