// Stores the reports of Workers about their predictions: counts, captures for review, and drift of the features.
import type { ServingReport } from "../../../src/contract/serving-rpc.ts";
import type { Stats } from "../../../src/contract/stats.ts";
import { timestamp } from "../../../src/core/clock.ts";
import type { Turns } from "../../../src/core/turns.ts";
import { driftOf, isDetected } from "../../../src/lifecycle/drift.ts";
import { primaryOf } from "../../../src/lifecycle/traffic.ts";
import type { Counted } from "../../tables/stats.ts";
import { driftDetected } from "../jobs/policy.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadStore } from "../store.ts";
import type { HeadTools } from "../tools.ts";
import { trafficOf } from "../versions/traffic.ts";
import { storeCaptures } from "./stored-captures.ts";

export async function takeReport(
  { store, turns }: Pick<HeadTools, "store" | "turns">,
  { tallies, captures }: ServingReport,
  now: number,
): Promise<null> {
  const hasDrifted = store.storage.transactionSync(() => {
    for (const tally of tallies) {
      if (store.versions.has(tally.version)) store.stats.add(tally, now); // a version may be deleted before the last report of it
    }
    return noteDrift(store, now);
  });
  if (hasDrifted) await driftDetected(store, now); // writes before its first await, so it commits with the transaction above
  await storeCaptures(store, captures, now, turns);
  return null;
}

/** Whether drift is newly detected. Stores the finding and emits its event. */
function noteDrift(store: HeadStore, now: number): boolean {
  const drift = driftNow(store, now);
  const before = store.meta.get("drift")?.version;
  if (drift && !drift.detected && before !== undefined) store.meta.remove("drift");
  if (!drift?.detected || before === drift.version) return false;
  store.meta.set("drift", { version: drift.version });
  emitEvent(store, "drift.detected", { version: drift.version }, now);
  return true;
}

/** The drift of the primary version over the last day; null with too few predictions, or without a reference from training. */
function driftNow(store: HeadStore, now: number): Stats["drift"] {
  const traffic = trafficOf(store);
  if (!traffic) return null;
  const version = primaryOf(traffic);
  const [reference, seen] = [store.stats.reference(version), store.stats.lastDay(version, now)];
  const drift = reference && seen && driftOf(reference, seen);
  return drift && { version, ...drift, detected: isDetected(drift, store.meta.get("drift")?.version === version) };
}

export async function statsOf(store: HeadStore, now: number, turns: Turns): Promise<Stats> {
  const versions: Stats["versions"] = [];
  for (const page of store.stats.sinceMade()) {
    versions.push(...page.map((counted) => ({ ...countsOf(counted), shadow: shadowOf(counted) })));
    await turns.take();
  }
  const hours: Stats["hours"] = [];
  for (const page of store.stats.hours()) {
    hours.push(...page.map((counted) => ({ hour: timestamp(counted.hour), ...countsOf(counted) })));
    await turns.take();
  }
  return { versions, hours, drift: driftNow(store, now) };
}

function countsOf({ version, requests, predictions, scoreSum, abstentions, compared }: Counted) {
  const scored = predictions + compared;
  return { version, requests, predictions, mean_score: scored === 0 ? null : scoreSum / scored, abstentions };
}

const shadowOf = ({ compared, agreed }: Counted) =>
  compared === 0 ? null : { predictions: compared, agreement: agreed / compared };
