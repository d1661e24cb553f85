// Builds the view of a head for the API.
import type { HeadView } from "../../../src/contract/heads.ts";
import { timestamp } from "../../../src/core/clock.ts";
import { isTrainable } from "../../../src/lifecycle/readiness.ts";
import { labelCollisions } from "../../../src/lifecycle/stored-labels.ts";
import { policyOf } from "../backlog.ts";
import { warningsNow } from "../examples/warnings.ts";
import type { HeadStore } from "../store.ts";
import { liveOf } from "../versions/traffic.ts";
import { viewOfBacklog } from "./backlog-view.ts";
import { sizeOf } from "./head-size.ts";
import { keptOf } from "./kept.ts";

export function viewOfHead(store: HeadStore, now: number): HeadView {
  const { id, task, backbone, labels: fixed, createdAt } = store.config;
  const counts = new Map(store.labels.all().map(({ name, examples }) => [name, examples]));
  const labels = fixed ?? [...counts.keys()].sort();
  const byLabel = Object.fromEntries(labels.map((label) => [label, counts.get(label) ?? 0]));
  const warnings = warningsNow(store, now);
  return {
    id,
    task,
    backbone,
    labels: [...labels],
    label_collisions: labelCollisions(labels),
    description: store.meta.get("description")?.text ?? null,
    examples: {
      total: store.examples.count(),
      pending: store.features.pending.count() + store.features.outdated.count(),
      by_label: byLabel,
    },
    size: sizeOf(store, labels.length),
    trainable: isTrainable(warnings),
    warnings,
    live: liveOf(store),
    ...keptOf(store),
    policy: policyOf(store),
    backlog: viewOfBacklog(store, now),
    created_at: timestamp(createdAt),
  };
}
