// Changes the settings of a head, other than its versions and its policy.
import type { HeadPatch, HeadView } from "../../src/contract/heads.ts";
import { logHoursOf, setLogHours } from "./prediction-log.ts";
import type { HeadStore } from "./store.ts";
import { viewOfHead } from "./view.ts";

export function updateHead(store: HeadStore, patch: HeadPatch, now: number): HeadView {
  const { description, capture, log_hours: logHours } = patch;
  if (description !== undefined) store.meta.set("description", { text: description });
  if (capture === null) forgetCaptures(store);
  else if (capture !== undefined) store.meta.set("capture", capture);
  setLogHours(store, logHours ?? logHoursOf(store), now);
  return viewOfHead(store, now);
}

/** Turns captures off and deletes the captured inputs at once. */
function forgetCaptures({ meta, captures }: HeadStore): void {
  meta.remove("capture");
  captures.clear();
}
