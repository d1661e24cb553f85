// The data that a head keeps in addition to features, as its view shows them.
import type { HeadView } from "../../../src/contract/heads.ts";
import { logHoursOf } from "../serving/prediction-log.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import { keepOf } from "../versions/retention.ts";

export const keptOf = (
  store: HeadStore,
): Pick<HeadView, "capture" | "log_hours" | "keep_inputs" | "keep_versions"> => ({
  capture: store.meta.get("capture"),
  log_hours: logHoursOf(store),
  keep_inputs: keepsInputs(store),
  keep_versions: keepOf(store),
});
