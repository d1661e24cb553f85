// The size of a head, and its limits.
import type { HeadView } from "../../../src/contract/heads.ts";
import { LIMITS, mostLabels } from "../../../src/core/limits.ts";
import { totalsOf } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";

export function sizeOf(store: HeadStore, labels: number): HeadView["size"] {
  const { dimension } = store.config.backbone;
  return {
    labels,
    most_labels: mostLabels(dimension),
    parameters: dimension * Math.max(1, labels),
    most_parameters: LIMITS.headParameters,
    bytes: totalsOf(store).storageBytes,
  };
}
