// Copies the rows of a job into its snapshot: the examples as they are now, in training order, in blocks by part. Features are
// stored in order of arrival, so each bounded group of snapshot blocks takes its rows from a scan of all stored blocks.
import type { RareLabels } from "../../../src/contract/recipes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { release } from "../../../src/core/release.ts";
import { inTurns } from "../../../src/core/steps.ts";
import { rowsPerBlock } from "../../../src/engine/data/blocks.ts";
import { assertFolds, assertTrainable, interruptedReading } from "../../../src/lifecycle/readiness.ts";
import { featuresAt } from "../examples/refresh-features.ts";
import type { HeadMeta, HeadStore } from "../store.ts";
import { describeDataset, listRows } from "./dataset.ts";
import { featureKeys } from "./feature-keys.ts";
import { groupsOf, placesByBlock, rowsIn, type TargetBlock, targetsOf } from "./target-blocks.ts";
import { layOut } from "./training-layout.ts";
import { digestWords, encodeTargets, type LabelIndex, valueOffsetOf } from "./training-rows.ts";

/** Bytes read between two turns of the event loop: about 2 ms. A row costs as much as some bytes. */
const BYTES_READ_PER_TURN = 2 << 20;
const BYTES_OF_ROW = 256;

type GatheredLabels = LabelIndex & { readonly valueOffset: number };

interface Turns {
  readonly turn: () => Promise<void>;
  readonly isUnchanged: () => boolean;
}

interface CopyTools extends Turns {
  /** The older backbone revision whose features to copy; null: the newest. */
  readonly revision: string | null;
}

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
 * Throws after too many attempts. Returns null once the job is
 * not live any more, or waits for pending inputs.
 */
export async function gather(
  store: HeadStore,
  rows: GatheredRows,
  turn: () => Promise<void>,
  isLive: () => boolean,
): Promise<HeadMeta["dataset"] | null> {
  for (let attempt = 1; isLive(); attempt++) {
    if (attempt > MOST_ATTEMPTS) throw interruptedReading(MOST_ATTEMPTS);
    const isAtOnce = attempt > ATTEMPTS_IN_TURNS && store.examples.count() <= LIMITS.rowsGatheredAtOnce;
    const dataset = await gatherOnce(store, rows, isAtOnce ? noTurn : turn, isLive);
    if (dataset) return dataset;
    if (store.features.pending.has()) return null;
  }
  return null;
}

const noTurn = async (): Promise<void> => undefined;

/** null: the job ended, or something was removed while the rows were read. */
async function gatherOnce(
  store: HeadStore,
  { rare, revision }: GatheredRows,
  turn: () => Promise<void>,
  isLive: () => boolean,
): Promise<HeadMeta["dataset"] | null> {
  const { dimension } = store.config.backbone;
  const removals = removalsOf(store);
  const isUnchanged = (): boolean => isLive() && removalsOf(store) === removals;
  const all = await listRows(store, { turn, isUnchanged });
  if (!all) return null;
  const keys = await featureKeys(store, all, { turn, isUnchanged, revision });
  if (!keys) return null;
  const layout = await layOut(store.config, { all, keys }, rare, turn);
  assertTrainable(layout.question, rare);
  assertFolds(store.config.task, layout.labels.names, layout.folds, layout.rows);
  if (!isUnchanged()) return null;
  const labels = { ...layout.labels, valueOffset: valueOffsetOf(layout.rows) };
  await turn();
  const targets = targetsOf(layout.rows, layout.folds, rowsPerBlock(dimension, labels.names.length));
  await turn();
  const isCopied = isUnchanged() && (await copyAll(store, targets, labels, { turn, isUnchanged, revision }));
  await turn();
  return isCopied ? { ...(await describeDataset(store.config, layout, turn)), revision } : null;
}

/** Counts removals of features, of examples and of inputs of examples. Rows listed before a removal may be wrong. */
export const removalsOf = ({ meta }: HeadStore): number =>
  (meta.get("removals")?.count ?? 0) + (meta.get("deletions")?.count ?? 0);

/** false: the job ended, or a feature was removed, before all were copied. */
async function copyAll(
  store: HeadStore,
  targets: readonly TargetBlock[],
  labels: GatheredLabels,
  turns: CopyTools,
): Promise<boolean> {
  for (const _ of store.snapshot.clear()) if (!(await isUnchangedAfter(turns))) return false;
  const groups = groupsOf(targets, 4 * store.config.backbone.dimension);
  const slab = new Float32Array(
    groups.reduce((most, group) => Math.max(most, rowsIn(group)), 0) * store.config.backbone.dimension,
  );
  try {
    for (const group of groups) {
      const features = await pickOut(store, group, slab, turns);
      if (!features || !(await putGroup(store, group, features, labels, turns))) return false;
    }
    return true;
  } finally {
    release(slab);
  }
}

async function isUnchangedAfter({ turn, isUnchanged }: Turns): Promise<boolean> {
  await turn();
  return isUnchanged();
}

/**
 * Copies the features of a group's blocks onto `slab`, from a scan of all stored blocks. All groups share one slab: a new one per
 * group would cause full garbage collections. null once the stored rows have changed.
 */
async function pickOut(
  store: HeadStore,
  group: readonly TargetBlock[],
  slab: Float32Array,
  turns: CopyTools,
): Promise<Float32Array[] | null> {
  const dims = store.config.backbone.dimension;
  const outputs = laidOut(group, slab, dims);
  const wanted = await inTurns(placesByBlock(group), turns.turn);
  await turns.turn();
  let read = 0;
  for (const [id, places] of wanted) {
    const features = await featuresAt(store, id, turns.revision, { ...turns, isCurrent: turns.isUnchanged });
    if (!features || !turns.isUnchanged()) return null;
    for (const { slot, target, row } of places) {
      outputs[target]?.set(features.subarray(slot * dims, (slot + 1) * dims), row * dims);
    }
    read += features.byteLength + BYTES_OF_ROW * places.length;
    release(features);
    if (read < BYTES_READ_PER_TURN) continue;
    read = 0;
    if (!(await isUnchangedAfter(turns))) return null;
  }
  return (await isUnchangedAfter(turns)) ? outputs : null;
}

function laidOut(group: readonly TargetBlock[], slab: Float32Array, dims: number): Float32Array[] {
  let at = 0;
  return group.map(({ rows }) => {
    const from = at;
    at += rows.length * dims;
    return slab.subarray(from, at);
  });
}

/** Writes one piece per turn: a write of a dozen megabytes would delay predictions. false: rows changed, so the attempt ends. */
async function putGroup(
  store: HeadStore,
  group: readonly TargetBlock[],
  features: readonly Float32Array[],
  labels: GatheredLabels,
  turns: Turns,
): Promise<boolean> {
  for (const [i, { part, number, rows }] of group.entries()) {
    const block = {
      rows: rows.length,
      features: features[i] as Float32Array,
      digests: digestWords(rows),
      targets: encodeTargets(labels, rows, labels.valueOffset),
      examples: Float64Array.from(rows, ({ seq }) => seq),
    };
    for (const _ of store.snapshot.put(part, number, block)) if (!(await isUnchangedAfter(turns))) return false;
  }
  return true;
}
