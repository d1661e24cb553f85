// Copies the rows of a job into its snapshot, in training order, in blocks by part. Features are stored in order of arrival, so
// each bounded group of snapshot blocks takes its rows from a scan of all stored blocks.
import { release } from "../../../src/core/release.ts";
import type { Turns } from "../../../src/core/turns.ts";
import { rowsPerBlock } from "../../../src/engine/data/blocks.ts";
import { type FeatureTools, featuresAt } from "../examples/refresh-features.ts";
import type { HeadStore } from "../store.ts";
import { groupsOf, placesByBlock, rowsIn, type TargetBlock, targetsOf } from "./target-blocks.ts";
import type { Layout } from "./training-layout.ts";
import { digestWords, encodeTargets, type LabelIndex, valueOffsetOf } from "./training-rows.ts";

/** Bytes read between two turns of the event loop: about 2 ms. A row costs as much as some bytes. */
const BYTES_READ_PER_TURN = 2 << 20;
const BYTES_OF_ROW = 256;

type GatheredLabels = LabelIndex & { readonly valueOffset: number };

/** Replaces the snapshot by the rows of `layout`. */
export async function fillSnapshot(
  store: HeadStore,
  { labels: names, folds, rows }: Layout,
  tools: FeatureTools,
): Promise<void> {
  const { turns } = tools;
  const labels = { ...names, valueOffset: valueOffsetOf(rows) };
  await turns.take();
  const targets = targetsOf(rows, folds, rowsPerBlock(store.config.backbone.dimension, labels.names.length));
  await turns.take();
  await copyAll(store, targets, labels, tools);
}

async function copyAll(
  store: HeadStore,
  targets: readonly TargetBlock[],
  labels: GatheredLabels,
  tools: FeatureTools,
): Promise<void> {
  const { turns } = tools;
  await turns.run(store.snapshot.clear());
  const groups = groupsOf(targets, 4 * store.config.backbone.dimension);
  const slab = new Float32Array(
    groups.reduce((most, group) => Math.max(most, rowsIn(group)), 0) * store.config.backbone.dimension,
  );
  try {
    for (const group of groups) {
      const features = await pickOut(store, group, slab, tools);
      await putGroup(store, group, features, labels, turns);
    }
  } finally {
    release(slab);
  }
}

/**
 * Copies the features of a group's blocks onto `slab`, from a scan of all stored blocks. All groups share one slab: a new one per
 * group would cause full garbage collections.
 */
async function pickOut(
  store: HeadStore,
  group: readonly TargetBlock[],
  slab: Float32Array,
  tools: FeatureTools,
): Promise<Float32Array[]> {
  const { turns } = tools;
  const dims = store.config.backbone.dimension;
  const outputs = laidOut(group, slab, dims);
  const wanted = await turns.run(placesByBlock(group));
  await turns.take();
  let read = 0;
  for (const [id, places] of wanted) {
    const features = await featuresAt(store, id, tools);
    turns.check();
    for (const { slot, target, row } of places) {
      outputs[target]?.set(features.subarray(slot * dims, (slot + 1) * dims), row * dims);
    }
    read += features.byteLength + BYTES_OF_ROW * places.length;
    release(features);
    if (read < BYTES_READ_PER_TURN) continue;
    read = 0;
    await turns.take();
  }
  await turns.take();
  return outputs;
}

function laidOut(group: readonly TargetBlock[], slab: Float32Array, dims: number): Float32Array[] {
  let at = 0;
  return group.map(({ rows }) => {
    const from = at;
    at += rows.length * dims;
    return slab.subarray(from, at);
  });
}

/** Writes one piece per turn: a write of a dozen megabytes would delay predictions. */
async function putGroup(
  store: HeadStore,
  group: readonly TargetBlock[],
  features: readonly Float32Array[],
  labels: GatheredLabels,
  turns: Turns,
): Promise<void> {
  for (const [i, { part, number, rows }] of group.entries()) {
    const block = {
      rows: rows.length,
      features: features[i] as Float32Array,
      digests: digestWords(rows),
      targets: encodeTargets(labels, rows, labels.valueOffset),
      examples: Float64Array.from(rows, ({ seq }) => seq),
    };
    await turns.run(store.snapshot.put(part, number, block));
  }
}
