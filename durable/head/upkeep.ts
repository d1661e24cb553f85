// The maintenance part of a head's alarm: recomputes features, and deletes inputs without an example, what deleted sources
// left, expired versions and logged predictions.
import { prunePredictionsInTurns } from "./prediction-log.ts";
import { refreshFeatures } from "./refresh-features.ts";
import { forgetRemovedSources } from "./removed-sources.ts";
import { pruneVersions } from "./retention.ts";
import type { HeadAlarm, HeadStore } from "./store.ts";
import { forgetNotedInputs } from "./unused-inputs.ts";
import type { UpkeepTools } from "./upkeep-tools.ts";

export async function keepUp(store: HeadStore, due: readonly HeadAlarm[], tools: UpkeepTools): Promise<void> {
  if (due.includes("refresh")) await refreshFeatures(store, tools);
  if (due.includes("retention") && tools.isCurrent()) await pruneVersions(store, tools);
  if (due.includes("unused_inputs") && tools.isCurrent()) await forgetNotedInputs(store, tools);
  if (due.includes("removed_sources") && tools.isCurrent()) await takeInTurns(forgetRemovedSources(store), tools);
  if (due.includes("predictions") && tools.isCurrent()) await prunePredictionsInTurns(store, tools);
}

/** Lets other requests in after each part of a work, and stops it where the head was deleted. */
async function takeInTurns(work: Generator<void>, { turn, isCurrent }: UpkeepTools): Promise<void> {
  for (const _ of work) {
    await turn();
    if (!isCurrent()) return;
  }
}
