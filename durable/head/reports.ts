// What Workers tell of their answers, and what it comes to: counts, captures for review, and whether features drift.
import type { ServingReport } from "../../src/contract/serving-rpc.ts";
import type { Stats } from "../../src/contract/stats.ts";
import { DAY_MS, timestamp } from "../../src/core/clock.ts";
import { makeId } from "../../src/core/ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import type { Turn } from "../../src/core/turns.ts";
import { driftOf, isDetected } from "../../src/lifecycle/drift.ts";
import { primaryOf } from "../../src/lifecycle/traffic.ts";
import type { Counted } from "../tables/stats.ts";
import { emitEvent } from "./outbox.ts";
import { driftDetected } from "./policy.ts";
import type { HeadStore } from "./store.ts";
import { trafficOf } from "./traffic.ts";

export async function takeReport(store: HeadStore, { tallies, captures }: ServingReport, now: number): Promise<null> {
  const hasDrifted = store.storage.transactionSync(() => {
    for (const tally of tallies) store.stats.add(tally, now);
    const rule = store.meta.get("capture"); // turned off meanwhile: nothing is kept any more
    for (const captured of rule ? captures : []) store.captures.put(captured, makeId("cap", systemRandom));
    pruneCaptures(store, now);
    return noteDrift(store, now);
  });
  if (hasDrifted) await driftDetected(store, now); // it writes before it first awaits: with the transaction, or not at all
  return null;
}

/** Forgets what is older than its owner wants; call it before captures are shown, too. */
export function pruneCaptures({ meta, captures }: HeadStore, now: number): void {
  const rule = meta.get("capture");
  if (rule) captures.prune(now - rule.keep_days * DAY_MS);
}

/** Whether drift is detected now and was not before, which is remembered and told. */
function noteDrift(store: HeadStore, now: number): boolean {
  const drift = driftNow(store, now);
  const before = store.meta.get("drift")?.version;
  if (drift && !drift.detected && before !== undefined) store.meta.remove("drift");
  if (!drift?.detected || before === drift.version) return false;
  store.meta.set("drift", { version: drift.version });
  emitEvent(store, "drift.detected", { version: drift.version }, now);
  return true;
}

/** Of the version that stands for the head, over the last day; null where too little was asked, or nothing is known of before. */
function driftNow(store: HeadStore, now: number): Stats["drift"] {
  const traffic = trafficOf(store);
  if (!traffic) return null;
  const version = primaryOf(traffic);
  const [reference, seen] = [store.stats.reference(version), store.stats.lastDay(version, now)];
  const drift = reference && seen && driftOf(reference, seen);
  return drift && { version, ...drift, detected: isDetected(drift, store.meta.get("drift")?.version === version) };
}

export async function statsOf(store: HeadStore, now: number, turn: Turn): Promise<Stats> {
  const versions: Stats["versions"] = [];
  for (const page of store.stats.sinceMade()) {
    versions.push(...page.map((counted) => ({ ...countsOf(counted), shadow: shadowOf(counted) })));
    await turn();
  }
  const hours: Stats["hours"] = [];
  for (const page of store.stats.hours()) {
    hours.push(...page.map((counted) => ({ hour: timestamp(counted.hour), ...countsOf(counted) })));
    await turn();
  }
  return { versions, hours, drift: driftNow(store, now) };
}

function countsOf({ version, requests, predictions, scoreSum, abstentions, compared }: Counted) {
  const scored = predictions + compared;
  return { version, requests, predictions, mean_score: scored === 0 ? null : scoreSum / scored, abstentions };
}

const shadowOf = ({ compared, agreed }: Counted) =>
  compared === 0 ? null : { predictions: compared, agreement: agreed / compared };
