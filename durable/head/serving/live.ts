// The versions that answer predictions of a head: reads and changes the traffic, and makes the serving state for Workers.
import type { ServingState } from "../../../src/contract/serving-rpc.ts";
import type { RolledBack, TrafficBody, TrafficView } from "../../../src/contract/traffic.ts";
import type { PromotedVersion } from "../../../src/contract/versions.ts";
import type { JsonText } from "../../../src/core/json-text.ts";
import { Fault, type Outcome } from "../../../src/core/problems.ts";
import { withPinned } from "../../../src/lifecycle/revisions.ts";
import { isSameTraffic, primaryOf, rollback, withSplit } from "../../../src/lifecycle/traffic.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadStore } from "../store.ts";
import { goLive, putTraffic, trafficOf } from "../versions/traffic.ts";
import { assertVersion, isLive, textOfVersion } from "../versions/versions.ts";
import { logHoursOf } from "./prediction-log.ts";

export function promoteVersion(store: HeadStore, version: number, now: number): JsonText<PromotedVersion> {
  assertVersion(store, version);
  const split = trafficOf(store)?.split ?? [];
  const isAlone = isLive(store, version) && split.length === 1;
  if (!isAlone) {
    store.storage.transactionSync(() => {
      goLive(store, version);
      emitEvent(store, "version.promoted", { version }, now);
    });
  }
  return textOfVersion(store, version, split.length > 1 ? { replaced: split.map((share) => ({ ...share })) } : {});
}

export function setTraffic(store: HeadStore, { split, shadow }: TrafficBody, now: number): TrafficView {
  const shares = split.filter(({ weight }) => weight > 0);
  for (const { version } of split) assertVersion(store, version);
  if (shadow) assertVersion(store, shadow);
  if (shares.some(({ version }) => version === shadow)) {
    const errors = [{ pointer: "/shadow", detail: "must not answer too: name a version that is not in the split" }];
    throw new Fault("invalid_request", `/shadow ${errors[0]?.detail}`, { errors });
  }
  const before = trafficOf(store);
  const after = withSplit(before, shares, shadow ?? null);
  store.storage.transactionSync(() => {
    putTraffic(store, after);
    if (!before || !isSameTraffic(before, after)) emitEvent(store, "traffic.changed", viewOfTraffic(store), now);
  });
  return viewOfTraffic(store);
}

export function rollBack(store: HeadStore, now: number): JsonText<RolledBack> {
  const traffic = trafficOf(store);
  if (!traffic) throw new Fault("no_live_version", "This head has no live version, so there is nothing to roll back");
  store.storage.transactionSync(() => {
    const before = rollback(traffic);
    putTraffic(store, before);
    emitEvent(store, "version.rolled_back", { version: primaryOf(before) }, now);
  });
  const view = viewOfTraffic(store);
  return textOfVersion(store, primaryOf(view), view);
}

export function viewOfTraffic(store: HeadStore): TrafficView {
  const { split, shadow } = trafficOf(store) ?? { split: [], shadow: null };
  return { split: split.map((share) => ({ ...share })), shadow };
}

interface CachedState {
  readonly text: string;
  /** `store.meta.writes` when `text` was made. */
  readonly writes: number;
}

const cachedStates = new WeakMap<HeadStore, CachedState>();

/** The serving state as JSON, made once per change. Do not call it within a transaction, which may roll back. */
export function servingText(store: HeadStore): string {
  const { writes } = store.meta;
  const cached = cachedStates.get(store);
  if (cached?.writes === writes) return cached.text;
  const outcome: Outcome<ServingState> = { ok: true, value: servingState(store) };
  const text = JSON.stringify(outcome);
  cachedStates.set(store, { text, writes });
  return text;
}

function olderVersions({ meta, versions }: HeadStore): ServingState["older"] {
  const [older, pinned] = [meta.get("older_versions") ?? [], meta.get("pinned")];
  return pinned ? withPinned(older, versions.newest(), pinned.revision) : older;
}

/** All that a Worker needs to answer for this head. */
function servingState(store: HeadStore): ServingState {
  const { task, backbone, createdAt } = store.config;
  const { split, shadow } = trafficOf(store) ?? { split: [], shadow: null };
  const refOf = (version: number) => ({ version, digest: store.versions.digest(version) });
  return {
    born: createdAt,
    task,
    backbone: { id: backbone.id, dimension: backbone.dimension },
    split: split.map(({ version, weight }) => ({ ...refOf(version), weight })),
    shadow: shadow === null ? null : refOf(shadow),
    capture: store.meta.get("capture"),
    logHours: logHoursOf(store),
    versionsRemoved: store.meta.get("versionsRemoved")?.count ?? 0,
    older: olderVersions(store),
  };
}
