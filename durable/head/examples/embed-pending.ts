// Embeds the inputs that came while the backbone was away, in the head's alarm: one batch per transaction, so that a kill loses
// one batch of work. Waits longer after each attempt that finds the backbone still away. An input that fails does not delay
// other inputs.
import { BackboneAway, valuesOf } from "../../../src/backbones/backbone.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { logEvent } from "../../../src/core/log.ts";
import { waitWhileAwayMs } from "../../../src/lifecycle/away.ts";
import type { PendingInput } from "../../tables/pending-inputs.ts";
import { dropEmbedded } from "../files/kept-inputs.ts";
import { ownBackbone } from "../head-backbone.ts";
import type { HeadStore } from "../store.ts";
import type { UpkeepTools } from "../upkeep-tools.ts";
import { readableTogether, restoredInputs } from "./stored-inputs.ts";

/** Notes that inputs are pending. Call it in the transaction that adds them, and arm the alarms after it. */
export function notePending({ alarms }: HeadStore, isFirst: boolean, now: number): void {
  alarms.note("embed", isFirst ? now : now + waitWhileAwayMs(Number.POSITIVE_INFINITY)); // an earlier time stays
}

/** Embeds one alarm's share. Clears the alarm once nothing is pending. */
export async function embedPending(store: HeadStore, tools: UpkeepTools): Promise<void> {
  try {
    for (let batch = 0; batch < LIMITS.pendingBatchesPerAlarm; batch++) if (!(await embedBatch(store, tools))) return;
  } catch (error) {
    tools.turns.check();
    if (!(error instanceof BackboneAway)) throw error;
    const attempts = store.meta.get("away")?.attempts ?? 0;
    store.meta.set("away", { attempts: attempts + 1 });
    logEvent("info", "backbone_away", { head: store.config.id, error: String(error) });
    await store.alarms.move("embed", tools.now + waitWhileAwayMs(attempts, error.data.retryAfterSeconds));
  }
}

/** Returns whether more inputs are pending. */
async function embedBatch(store: HeadStore, tools: UpkeepTools): Promise<boolean> {
  const { turns, now } = tools;
  const { pending } = store.features;
  const next = pending.next(LIMITS.pendingPerBatch, LIMITS.pendingCharsPerBatch);
  const features = await pendingFeatures(store, readableTogether(store, next), tools);
  turns.check();
  const isMore = store.storage.transactionSync(() => {
    store.features.fill(features);
    dropEmbedded(store, [...features.keys()]);
    const left = pending.has();
    if (!left) store.alarms.clear("embed");
    if (!left && store.jobs.open()) store.alarms.note("train", now); // it waits for these features
    if (store.meta.get("away")) store.meta.remove("away");
    return left;
  });
  await turns.take();
  return isMore;
}

/** The features of pending inputs by digest. Counts a failure, unless the backbone is away. */
async function pendingFeatures(
  store: HeadStore,
  inputs: readonly PendingInput[],
  { turns, bucket }: UpkeepTools,
): Promise<Map<string, Float32Array>> {
  const { dimension } = store.config.backbone;
  try {
    const parsed = await restoredInputs({ store, bucket }, inputs, null);
    turns.check();
    if (parsed.size === 0) return new Map();
    const backbone = await ownBackbone(store);
    const rows = await backbone.embed([...parsed.values()], dimension, turns);
    const values = valuesOf(rows, backbone, parsed.size * dimension);
    const digests = [...parsed.keys()];
    return new Map(digests.map((digest, i) => [digest, values.subarray(i * dimension, (i + 1) * dimension)]));
  } catch (error) {
    turns.check();
    if (!(error instanceof BackboneAway)) store.features.pending.countFailure(inputs);
    throw error;
  }
}
