// The versions that answer predictions of a head: reads and changes the traffic.
import type { RolledBack, TrafficBody, TrafficView } from "../../../src/contract/traffic.ts";
import type { PromotedVersion } from "../../../src/contract/versions.ts";
import type { JsonText } from "../../../src/core/json-text.ts";
import { Fault } from "../../../src/core/problems.ts";
import { isSameTraffic, primaryOf, rollback, withSplit } from "../../../src/lifecycle/traffic.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadStore } from "../store.ts";
import { goLive, putTraffic, trafficOf } from "../versions/traffic.ts";
import { assertVersion, isLive, textOfVersion } from "../versions/versions.ts";

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
