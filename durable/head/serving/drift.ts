// The drift of a head: its features, scores and labels of the last day, against those that its primary version was trained on.
import type { Stats } from "../../../src/contract/stats.ts";
import { driftOf, isDetected } from "../../../src/lifecycle/drift.ts";
import { primaryOf } from "../../../src/lifecycle/traffic.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadStore } from "../store.ts";
import { trafficOf } from "../versions/traffic.ts";

/** Whether drift is newly detected. Stores the finding and emits its event: call it in a transaction. */
export function noteDrift(store: HeadStore, now: number): boolean {
  const drift = driftNow(store, now);
  const before = store.meta.get("drift")?.version;
  if (drift && !drift.detected && before !== undefined) store.meta.remove("drift");
  if (!drift?.detected || before === drift.version) return false;
  store.meta.set("drift", { version: drift.version });
  emitEvent(store, "drift.detected", { version: drift.version }, now);
  return true;
}

/** The drift of the primary version over the last day; null with too few predictions, or without a reference from training. */
export function driftNow(store: HeadStore, now: number): Stats["drift"] {
  const traffic = trafficOf(store);
  if (!traffic) return null;
  const version = primaryOf(traffic);
  const [reference, seen] = [store.stats.reference(version), store.stats.lastDay(version, now)];
  const drift = reference && seen && driftOf(reference, seen);
  return drift && { version, ...drift, detected: isDetected(drift, store.meta.get("drift")?.version === version) };
}
