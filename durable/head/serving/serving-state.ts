// All that a Worker needs to answer for a head, made once per change.
import type { ServingState } from "../../../src/contract/serving-rpc.ts";
import type { Outcome } from "../../../src/core/problems.ts";
import { withPinned } from "../../../src/lifecycle/revisions.ts";
import type { HeadStore } from "../store.ts";
import { trafficOf } from "../versions/traffic.ts";
import { logHoursOf } from "./prediction-log.ts";

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
