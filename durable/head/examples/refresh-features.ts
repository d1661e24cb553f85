// Recomputes features that an older backbone revision made, one block per transaction, so that a crash loses one block's work.
// The "refresh" alarm recomputes all blocks; a training and an export recompute the blocks that they read.
import { atRevision, type Backbone, valuesOf } from "../../../src/backbones/backbone.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Interrupted, type Turns } from "../../../src/core/turns.ts";
import type { StoredInput } from "../../tables/features.ts";
import { ownBackbone } from "../head-backbone.ts";
import type { HeadStore } from "../store.ts";
import { restoredInputs } from "./stored-inputs.ts";

/** Recomputes `LIMITS.blocksPerRefresh` blocks. Clears the alarm once no block is left. */
export async function refreshFeatures(store: HeadStore, { turns }: { readonly turns: Turns }): Promise<void> {
  for (const block of store.features.outdated(LIMITS.blocksPerRefresh)) {
    await refreshBlock(store, block, turns);
    await turns.take();
  }
  if (store.features.outdated(1).length === 0) store.alarms.clear("refresh");
}

/** Brings a block to the newest revision. Writes features only where one has changed: most stay the same. */
async function refreshBlock(store: HeadStore, block: number, turns: Turns): Promise<void> {
  const { features, config, storage } = store;
  while (features.revisionOf(block) !== null) {
    const inputs = features.inputsIn(block);
    const stored = { inputs, features: features.block(block) };
    const values = await embedStored(await ownBackbone(store), stored, config.backbone.dimension, turns);
    turns.check();
    storage.transactionSync(() => {
      if (!isSame(inputs, features.inputsIn(block))) return; // an input was removed meanwhile: try again
      if (!hasSameBits(features.block(block), values)) features.replace(block, values);
      features.markCurrent(block);
    });
  }
}

/** Brings the blocks of some rows to the newest revision. Reads the rows again after each wait, until no block is outdated. */
export async function refreshRows(
  store: HeadStore,
  read: () => readonly { readonly block: number }[],
  turns: Turns,
): Promise<void> {
  while (store.features.outdated(1).length > 0) {
    const blocks = [...new Set(read().map(({ block }) => block))];
    const older = blocks.filter((block) => store.features.revisionOf(block) !== null);
    if (older.length === 0) return;
    for (const block of older) await refreshBlock(store, block, turns);
  }
}

/**
 * The features of a block at `revision`, whatever revision is stored. `revision` null: the newest, which is then also stored.
 * Check `turns` after it: rows may have been removed meanwhile.
 */
export async function featuresAt(
  store: HeadStore,
  block: number,
  revision: string | null,
  turns: Turns,
): Promise<Float32Array> {
  const { features, config } = store;
  if (revision === null) await refreshBlock(store, block, turns);
  turns.check();
  if (features.revisionOf(block) === revision) {
    const found = features.find(block);
    if (!found) throw new Interrupted("rows_removed");
    return found;
  }
  const backbone = atRevision(await store.backbone(), revision as string);
  const stored = { inputs: features.inputsIn(block), features: features.find(block) };
  return embedStored(backbone, stored, config.backbone.dimension, turns);
}

interface StoredInputs {
  readonly inputs: readonly Pick<StoredInput, "text">[];
  /** Their features of whatever revision, one after another; null: the block was deleted. */
  readonly features: Float32Array | null;
}

async function embedStored(
  backbone: Backbone,
  { inputs, features: stored }: StoredInputs,
  dimension: number,
  turns: Turns,
): Promise<Float32Array> {
  const parsed = restoredInputs(inputs, stored, backbone.modality);
  return valuesOf(await backbone.embed(parsed, dimension, turns), backbone, parsed.length * dimension);
}

const isSame = (a: readonly StoredInput[], b: readonly StoredInput[]): boolean =>
  a.length === b.length && a.every(({ id }, i) => id === b[i]?.id);

function hasSameBits(a: Float32Array, b: Float32Array): boolean {
  const words = (of: Float32Array): Uint32Array => new Uint32Array(of.buffer, of.byteOffset, of.length);
  const other = words(b);
  return a.length === b.length && words(a).every((word, i) => word === other[i]);
}
