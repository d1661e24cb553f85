// The maintenance part of a head's alarm: recomputes features, and deletes inputs without an example, expired versions and
// logged predictions.
import { prunePredictionsInTurns } from "./prediction-log.ts";
import { refreshFeatures } from "./refresh-features.ts";
import { pruneVersions } from "./retention.ts";
import type { HeadAlarm, HeadStore } from "./store.ts";
import { forgetNotedInputs } from "./unused-inputs.ts";
import type { UpkeepTools } from "./upkeep-tools.ts";

export async function keepUp(store: HeadStore, due: readonly HeadAlarm[], tools: UpkeepTools): Promise<void> {
  if (due.includes("refresh")) await refreshFeatures(store, tools);
  if (due.includes("retention") && tools.isCurrent()) await pruneVersions(store, tools);
  if (due.includes("unused_inputs") && tools.isCurrent()) await forgetNotedInputs(store, tools);
  if (due.includes("predictions") && tools.isCurrent()) await prunePredictionsInTurns(store, tools);
}
