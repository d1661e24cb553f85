// Deletes versions: one that a caller names, and those that the head's retention setting no longer keeps.
import { Fault } from "../../../src/core/problems.ts";
import { expiredVersions, useOfVersion, withoutVersion } from "../../../src/lifecycle/retention.ts";
import { reportSoon } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import type { UpkeepTools } from "../upkeep-tools.ts";
import { putTraffic, trafficOf } from "./traffic.ts";
import { assertVersion } from "./versions.ts";

/** Deletes one version. Throws `version_in_use` when predictions or a running job need it. */
export async function deleteVersion(store: HeadStore, version: number, now: number): Promise<null> {
  assertVersion(store, version);
  assertUnused(store, version);
  store.storage.transactionSync(() => {
    remove(store, version);
    store.alarms.note("retention", now); // deletes the content
  });
  await reportSoon(store, now);
  await store.alarms.arm();
  return null;
}

function assertUnused(store: HeadStore, version: number): void {
  const use = useOfVersion(trafficOf(store), version);
  if (use === "live" || use === "shadow") {
    const role = use === "live" ? "answers predictions" : "is the shadow";
    throw inUse(`Version ${version} ${role}; promote another version or change the traffic first`);
  }
  const job = verifyingJob(store, version);
  if (job) throw inUse(`Job ${job} verifies version ${version}; wait for the job or cancel it first`);
}

const inUse = (detail: string): Fault => new Fault("version_in_use", detail);

/** The open job that trains again what this version, or a version updated from it, was trained on. */
function verifyingJob({ jobs, versions }: HeadStore, version: number): string | null {
  const open = jobs.open();
  const verified = open?.request.verify;
  if (!open || verified === undefined) return null;
  const base = versions.record(verified)?.recipe.base;
  const isNeeded = verified === version || (base !== undefined && versions.withDigest(base, verified) === version);
  return isNeeded ? open.id : null;
}

function remove(store: HeadStore, version: number): void {
  const traffic = trafficOf(store);
  if (traffic && useOfVersion(traffic, version) === "rollback") putTraffic(store, withoutVersion(traffic, version));
  store.versions.remove(version);
  store.stats.removeVersion(version);
  store.meta.set("contentToRemove", [...contentToRemove(store), version]);
  store.meta.set("versionsRemoved", { count: (store.meta.get("versionsRemoved")?.count ?? 0) + 1 });
}

const contentToRemove = ({ meta }: HeadStore): readonly number[] => meta.get("contentToRemove") ?? [];

/** Plans the deletion of versions that the retention setting no longer keeps. Call in a transaction; arm the alarms after it. */
export function noteRetention(store: HeadStore, now: number): void {
  if (keepOf(store) !== null) store.alarms.note("retention", now);
}

/** Changes how many of the newest versions are kept; null keeps all. Call it in a transaction; arm the alarms after it. */
export function setRetention(store: HeadStore, keepVersions: number | null, now: number): void {
  store.meta.set("retention", { keepVersions });
  noteRetention(store, now);
}

/** How many of the newest versions are kept; null keeps all. */
export const keepOf = ({ meta }: HeadStore): number | null => meta.get("retention")?.keepVersions ?? null;

/**
 * Deletes expired versions, and the content of deleted ones, some per turn of the event loop. The alarm stays until the last one
 * is gone, so a kill loses nothing.
 */
export async function pruneVersions(store: HeadStore, { now, turns }: UpkeepTools): Promise<void> {
  let isAnyRemoved = false;
  for (const _ of removals(store)) {
    isAnyRemoved = true;
    await turns.take();
  }
  store.alarms.clear("retention");
  if (isAnyRemoved) await reportSoon(store, now);
}

function* removals(store: HeadStore): Generator<void> {
  for (;;) {
    const expired = nextExpired(store);
    const [removed] = contentToRemove(store);
    if (expired !== undefined) {
      store.storage.transactionSync(() => remove(store, expired));
      yield;
    } else if (removed !== undefined) {
      yield* store.versions.removeContent(removed);
      store.meta.set("contentToRemove", contentToRemove(store).slice(1));
    } else return;
  }
}

/** Read again for each deletion: traffic and jobs may change between two turns. */
function nextExpired(store: HeadStore): number | undefined {
  const keep = keepOf(store);
  if (keep === null) return undefined;
  const expired = expiredVersions(store.versions.all(), keep, trafficOf(store));
  return expired.find((version) => verifyingJob(store, version) === null);
}
