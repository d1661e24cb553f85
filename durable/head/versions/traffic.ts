// The traffic of a head: one record that changes in one write, so that no Worker sees half of a change.
import type { HeadView } from "../../../src/contract/heads.ts";
import { primaryOf, promote, type Traffic } from "../../../src/lifecycle/traffic.ts";
import type { HeadStore } from "../store.ts";

/** null: nothing is live. A head created before traffic existed has only a version. */
export function trafficOf({ meta }: HeadStore): Traffic | null {
  const live = meta.get("live");
  if (!live) return null;
  return { split: [{ version: live.version, weight: 1 }], shadow: null, before: [], ...live };
}

export function putTraffic(store: HeadStore, traffic: Traffic): void {
  store.meta.set("live", { ...traffic, version: primaryOf(traffic) });
}

/** Makes a version the only live one. */
export function goLive(store: HeadStore, version: number): void {
  putTraffic(store, promote(trafficOf(store), version));
}

/** The live version; if traffic is split or has a shadow, the traffic too. */
export function liveOf(store: HeadStore): HeadView["live"] {
  const traffic = trafficOf(store);
  if (!traffic) return null;
  const { split, shadow } = traffic;
  const version = primaryOf(traffic);
  return split.length === 1 && shadow === null ? version : { version, split: [...split], shadow };
}
