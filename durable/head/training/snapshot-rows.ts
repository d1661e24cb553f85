// Copies the rows of a job into its snapshot: the examples as they are now, in training order, in blocks by part. Features are
// stored in order of arrival, so each bounded group of snapshot blocks takes its rows from a scan of all stored blocks.
import type { RareLabels } from "../../../src/contract/recipes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { release } from "../../../src/core/release.ts";
import { Interrupted, Turns } from "../../../src/core/turns.ts";
import { rowsPerBlock } from "../../../src/engine/data/blocks.ts";
import { assertFolds, assertTrainable, interruptedReading } from "../../../src/lifecycle/readiness.ts";
import { featuresAt } from "../examples/refresh-features.ts";
import type { HeadMeta, HeadStore } from "../store.ts";
import { describeDataset } from "./dataset.ts";
import { ifReadable, type ReadTools, readLayout } from "./read-layout.ts";
import { groupsOf, placesByBlock, rowsIn, type TargetBlock, targetsOf } from "./target-blocks.ts";
import type { Layout } from "./training-layout.ts";
import { digestWords, encodeTargets, type LabelIndex, valueOffsetOf } from "./training-rows.ts";

/** Bytes read between two turns of the event loop: about 2 ms. A row costs as much as some bytes. */
const BYTES_READ_PER_TURN = 2 << 20;
const BYTES_OF_ROW = 256;

type GatheredLabels = LabelIndex & { readonly valueOffset: number };

/** Which rows a job trains on. */
export interface GatheredRows {
  readonly rare: RareLabels;
  /** The older backbone revision whose features the job reads; null: the newest. */
  readonly revision: string | null;
}

/** Attempts before the job fails: deletions arrive faster than the rows can be read. */
const MOST_ATTEMPTS = 20;
/** After this many attempts a small head is read in one turn (about 10 ms), so that no deletion can come in between. */
const ATTEMPTS_IN_TURNS = 5;

/**
 * Fills the snapshot. Starts over when something is removed meanwhile, since rows may then have moved and folds may change.
 * Throws after too many attempts.
 */
export async function gather(store: HeadStore, rows: GatheredRows, turns: Turns): Promise<HeadMeta["dataset"]> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const isAtOnce = attempt > ATTEMPTS_IN_TURNS && store.examples.count() <= LIMITS.rowsGatheredAtOnce;
    const own = isAtOnce ? new Turns(1, noTurn, () => turns.interruption) : turns;
    const layout = await ifReadable(store, own, (reading) => copyRows(store, rows, reading));
    if (!layout) {
      if (store.features.pending.has()) throw new Interrupted("inputs_pending");
      continue;
    }
    await own.take();
    return { ...(await describeDataset(store.config, layout, own)), revision: rows.revision };
  }
  throw interruptedReading(MOST_ATTEMPTS);
}

const noTurn = async (): Promise<void> => undefined;

/** Copies the rows of a training into the snapshot. */
async function copyRows(store: HeadStore, { rare, revision }: GatheredRows, turns: Turns): Promise<Layout> {
  const { dimension } = store.config.backbone;
  const layout = await readLayout(store, rare, { turns, revision });
  assertTrainable(layout.question, rare);
  assertFolds(store.config.task, layout.labels.names, layout.folds, layout.rows);
  turns.check();
  const labels = { ...layout.labels, valueOffset: valueOffsetOf(layout.rows) };
  await turns.take();
  const targets = targetsOf(layout.rows, layout.folds, rowsPerBlock(dimension, labels.names.length));
  await turns.take();
  await copyAll(store, targets, labels, { turns, revision });
  return layout;
}

async function copyAll(
  store: HeadStore,
  targets: readonly TargetBlock[],
  labels: GatheredLabels,
  { turns, revision }: ReadTools,
): Promise<void> {
  await turns.run(store.snapshot.clear());
  const groups = groupsOf(targets, 4 * store.config.backbone.dimension);
  const slab = new Float32Array(
    groups.reduce((most, group) => Math.max(most, rowsIn(group)), 0) * store.config.backbone.dimension,
  );
  try {
    for (const group of groups) {
      const features = await pickOut(store, group, slab, { turns, revision });
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
  { turns, revision }: ReadTools,
): Promise<Float32Array[]> {
  const dims = store.config.backbone.dimension;
  const outputs = laidOut(group, slab, dims);
  const wanted = await turns.run(placesByBlock(group));
  await turns.take();
  let read = 0;
  for (const [id, places] of wanted) {
    const features = await featuresAt(store, id, revision, turns);
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
