// The maintenance part of a head's alarm: recomputes features, embeds pending inputs, and deletes inputs without an example,
// files without an input, data of deleted sources, expired versions and logged predictions.
import { logEvent } from "../../src/core/log.ts";
import { embedPending } from "./examples/embed-pending.ts";
import { refreshFeatures } from "./examples/refresh-features.ts";
import { forgetNotedInputs } from "./examples/unused-inputs.ts";
import { deleteUnusedFiles } from "./files/delete-files.ts";
import { dropInputs } from "./files/kept-inputs.ts";
import { prunePredictionsInTurns } from "./serving/prediction-log.ts";
import { forgetRemovedSources } from "./sources/removed-sources.ts";
import type { HeadAlarm, HeadStore } from "./store.ts";
import type { UpkeepTools } from "./upkeep-tools.ts";
import { pruneVersions } from "./versions/retention.ts";

type Step = (store: HeadStore, tools: UpkeepTools) => Promise<void>;

/** The steps, in the order in which they run. */
const STEPS: readonly (readonly [HeadAlarm, Step])[] = [
  ["refresh", refreshFeatures],
  ["embed", embedPending],
  ["retention", pruneVersions],
  ["unused_inputs", forgetNotedInputs],
  ["removed_sources", (store, { turns }) => turns.run(forgetRemovedSources(store))],
  ["predictions", prunePredictionsInTurns],
  ["dropped_inputs", dropInputs],
  ["files", deleteUnusedFiles],
];

const RETRY_MS = 60_000;

/** Runs the due steps. A step that fails runs again later, because trainings and the head's other steps must not wait for it. */
export async function keepUp(store: HeadStore, due: readonly HeadAlarm[], tools: UpkeepTools): Promise<void> {
  for (const [name, step] of STEPS) {
    if (!due.includes(name)) continue;
    try {
      await step(store, tools);
    } catch (error) {
      tools.turns.check(); // a deleted head has no further step
      logEvent("error", "upkeep_failed", { head: store.config.id, step: name, error: String(error) });
      await store.alarms.move(name, tools.now + RETRY_MS);
    }
  }
}
