// Recomputes features that an older backbone revision made, one block per transaction, so that a crash loses one block's work.
// The "refresh" alarm recomputes all blocks; a training and an export recompute the blocks that they read. Files are read some at
// a time.
import { atRevision, type Backbone, valuesOf } from "../../../src/backbones/backbone.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Interrupted, type Turns } from "../../../src/core/turns.ts";
import type { StoredInput } from "../../tables/features.ts";
import { ownBackbone } from "../head-backbone.ts";
import type { HeadStore } from "../store.ts";
import { type FileTools, readableTogether, restoredInputs } from "./stored-inputs.ts";

/** The tools to read stored inputs and to embed them again. */
export interface ReembedTools extends Pick<FileTools, "bucket"> {
  readonly turns: Turns;
}

/** Recomputes `LIMITS.blocksPerRefresh` blocks. Clears the alarm once no block is left. */
export async function refreshFeatures(store: HeadStore, tools: ReembedTools): Promise<void> {
  for (const block of store.features.outdated.first(LIMITS.blocksPerRefresh)) {
    await refreshBlock(store, block, tools);
    await tools.turns.take();
  }
  if (store.features.outdated.first(1).length === 0) store.alarms.clear("refresh");
}

/** Brings a block to the newest revision. Writes the block only if a feature has changed: most stay the same. */
async function refreshBlock(store: HeadStore, block: number, tools: ReembedTools): Promise<void> {
  const { features, storage } = store;
  while (features.outdated.revisionOf(block) !== null) {
    const inputs = features.inputsIn(block);
    const stored = { inputs, features: features.block(block) };
    const values = await embedStored(store, await ownBackbone(store), stored, tools);
    tools.turns.check();
    storage.transactionSync(() => {
      if (!values || !isSame(inputs, features.inputsIn(block))) return; // an input was removed in the meantime: try again
      if (!hasSameBits(features.block(block), values)) features.replace(block, values);
      features.outdated.unmark(block);
    });
  }
}

/** Brings the blocks of some rows to the newest revision. Reads the rows again after each wait, until no block is outdated. */
export async function refreshRows(
  store: HeadStore,
  read: () => readonly { readonly block: number }[],
  tools: ReembedTools,
): Promise<void> {
  while (store.features.outdated.first(1).length > 0) {
    const blocks = [...new Set(read().map(({ block }) => block))];
    const older = blocks.filter((block) => store.features.outdated.revisionOf(block) !== null);
    if (older.length === 0) return;
    for (const block of older) await refreshBlock(store, block, tools);
  }
}

export interface FeatureTools extends ReembedTools {
  /** The older backbone revision whose features to read; null: the newest. */
  readonly revision: string | null;
}

/**
 * The features of a block at a revision, computed again if the stored ones are of another revision. Stores them if they are of
 * the newest. Check `turns` after it, because rows may have been removed in the meantime.
 */
export async function featuresAt(store: HeadStore, block: number, tools: FeatureTools): Promise<Float32Array> {
  const { features } = store;
  const { revision, turns } = tools;
  if (revision === null) await refreshBlock(store, block, tools);
  turns.check();
  if (features.outdated.revisionOf(block) === revision) {
    const found = features.find(block);
    if (!found) throw new Interrupted("rows_removed");
    return found;
  }
  const backbone = atRevision(await store.backbone(), revision as string);
  const stored = { inputs: features.inputsIn(block), features: features.find(block) };
  const values = await embedStored(store, backbone, stored, tools);
  if (!values) throw new Interrupted("rows_removed");
  return values;
}

interface StoredInputs {
  readonly inputs: readonly StoredInput[];
  /** The stored features of a block, of any revision, one after another; null: the block was deleted. */
  readonly features: Float32Array | null;
}

/**
 * The features of stored inputs; null: an input was removed in the meantime. Reads no more files than fit into memory together.
 */
async function embedStored(
  store: HeadStore,
  backbone: Backbone,
  { inputs, features: stored }: StoredInputs,
  { bucket, turns }: ReembedTools,
): Promise<Float32Array | null> {
  const { dimension } = store.config.backbone;
  const values = new Float32Array(inputs.length * dimension);
  for (let at = 0; at < inputs.length; ) {
    const part = readableTogether(store, inputs.slice(at));
    const [first, last] = [at * dimension, (at + part.length) * dimension];
    const parsed = await restoredInputs({ store, bucket }, part, stored?.subarray(first, last) ?? null);
    turns.check();
    if (parsed.size < part.length) return null;
    const rows = await backbone.embed([...parsed.values()], dimension, turns);
    values.set(valuesOf(rows, backbone, last - first), first);
    at += part.length;
  }
  return values;
}

const isSame = (a: readonly StoredInput[], b: readonly StoredInput[]): boolean =>
  a.length === b.length && a.every(({ id }, i) => id === b[i]?.id);

function hasSameBits(a: Float32Array, b: Float32Array): boolean {
  const words = (of: Float32Array): Uint32Array => new Uint32Array(of.buffer, of.byteOffset, of.length);
  const other = words(b);
  return a.length === b.length && words(a).every((word, i) => word === other[i]);
}
