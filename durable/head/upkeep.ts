// The maintenance part of a head's alarm: recomputes features, and deletes expired versions and logged predictions.
import { prunePredictions } from "./prediction-log.ts";
import { refreshFeatures } from "./refresh-features.ts";
import { pruneVersions } from "./retention.ts";
import type { HeadAlarm, HeadStore } from "./store.ts";

interface UpkeepTools {
  readonly now: number;
  readonly turn: () => Promise<void>;
  /** False once the head was deleted. */
  readonly isCurrent: () => boolean;
}

export async function keepUp(store: HeadStore, due: readonly HeadAlarm[], tools: UpkeepTools): Promise<void> {
  if (due.includes("refresh")) await refreshFeatures(store, tools);
  if (due.includes("retention") && tools.isCurrent()) await pruneVersions(store, tools);
  if (due.includes("predictions") && tools.isCurrent()) prunePredictions(store, tools.now);
}
