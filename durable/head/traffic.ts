// What is live: one record, changed in one write, so that no Worker is ever told half of a change.
import { primaryOf, promote, type Traffic } from "../../src/lifecycle/traffic.ts";
import type { HeadStore } from "./store.ts";

/** null: nothing is live. A head of before there was traffic knows a version only. */
export function trafficOf({ meta }: HeadStore): Traffic | null {
  const live = meta.get("live");
  if (!live) return null;
  return { split: [{ version: live.version, weight: 1 }], shadow: null, before: [], ...live };
}

export function putTraffic(store: HeadStore, traffic: Traffic): void {
  store.meta.set("live", { ...traffic, version: primaryOf(traffic) });
}

/** Makes a version live, alone. */
export function goLive(store: HeadStore, version: number): void {
  putTraffic(store, promote(trafficOf(store), version));
}
