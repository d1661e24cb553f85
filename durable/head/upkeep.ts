// What a head's alarm does beside trainings, decisions and events: recomputes features, and forgets what is not kept any more.
import { prunePredictions } from "./prediction-log.ts";
import { refreshFeatures } from "./refresh-features.ts";
import { pruneVersions } from "./retention.ts";
import type { HeadAlarm, HeadStore } from "./store.ts";

interface UpkeepTools {
  readonly now: number;
  readonly turn: () => Promise<void>;
  /** Whether the head is still there. */
  readonly isCurrent: () => boolean;
}

export async function keepUp(store: HeadStore, due: readonly HeadAlarm[], tools: UpkeepTools): Promise<void> {
  if (due.includes("refresh")) await refreshFeatures(store, tools);
  if (due.includes("retention") && tools.isCurrent()) await pruneVersions(store, tools);
  if (due.includes("predictions") && tools.isCurrent()) prunePredictions(store, tools.now);
}
