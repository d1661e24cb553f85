// Hashes the features of each input of a training. Equal features have equal keys, so that a text and its copy in other
// letter case or with other white space count as one input.
import { hash53 } from "../../../src/core/hash.ts";
import { LargeMap } from "../../../src/core/large-map.ts";
import { release } from "../../../src/core/release.ts";
import { eachInSteps, type Steps } from "../../../src/core/steps.ts";
import type { TrainingRow } from "../../tables/training-order.ts";
import { type FeatureTools, featuresAt } from "../examples/refresh-features.ts";
import type { HeadStore } from "../store.ts";

/** Bytes read and hashed between two turns of the event loop: about 2 ms. A row costs as much as some bytes. */
const BYTES_HASHED_PER_TURN = 1 << 20;
const BYTES_OF_ROW = 256;

type LocatedRow = Pick<TrainingRow, "input" | "block" | "slot">;

/** Keys by input. */
export type FeatureKeys = Pick<LargeMap<number, number>, "get">;

/** The keys by input. Reads every block once. The turns of `tools` end when a listed row may have left its block and slot. */
export async function featureKeys(
  store: HeadStore,
  rows: readonly LocatedRow[],
  tools: FeatureTools,
): Promise<FeatureKeys> {
  const { turns } = tools;
  const dims = store.config.backbone.dimension;
  const keys = new LargeMap<number, number>();
  let read = 0;
  for (const [id, own] of await turns.run(rowsByBlock(rows))) {
    const features = await featuresAt(store, id, tools);
    turns.check();
    const words = new Int32Array(features.buffer, features.byteOffset, features.length);
    for (const { input, slot } of own) {
      if (!keys.has(input)) keys.set(input, hash53(words, slot * dims, (slot + 1) * dims));
    }
    read += features.byteLength + BYTES_OF_ROW * own.length;
    release(features);
    if (read < BYTES_HASHED_PER_TURN) continue;
    read = 0;
    await turns.take();
  }
  return keys;
}

function* rowsByBlock(rows: readonly LocatedRow[]): Steps<Map<number, LocatedRow[]>> {
  const byBlock = new Map<number, LocatedRow[]>();
  yield* eachInSteps(rows, (row) => {
    const own = byBlock.get(row.block);
    if (own) own.push(row);
    else byBlock.set(row.block, [row]);
  });
  return byBlock;
}
