// Changes the settings of a head, other than its versions and its policy.
import type { HeadPatch, HeadView } from "../../../src/contract/heads.ts";
import { assertKeepsNone, setKeepInputs } from "../files/kept-inputs.ts";
import { logHoursOf, setLogHours } from "../serving/prediction-log.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import type { HeadTools } from "../tools.ts";
import { setRetention } from "../versions/retention.ts";
import { viewOfHead } from "./head-view.ts";

/**
 * Changes all settings in one commit. If captures are turned off, first deletes the captured inputs, some at a time. If the
 * runtime is killed in between, captures stay on and the caller gets no answer.
 */
export async function updateHead(
  { store, now, turns }: Pick<HeadTools, "store" | "now" | "turns">,
  patch: HeadPatch,
): Promise<HeadView> {
  assertPatch(store, patch);
  if (patch.capture === null) while (store.captures.clearSome()) await turns.take();
  store.storage.transactionSync(() => change(store, patch, now())); // in the turn that found no capture left, so no new one comes in between
  const view = viewOfHead(store, now());
  await store.alarms.arm();
  return view;
}

function assertPatch(store: HeadStore, patch: HeadPatch): void {
  const { capture = store.meta.get("capture"), log_hours: hours = logHoursOf(store) } = patch;
  assertKeepsNone(patch.keep_inputs ?? keepsInputs(store), { capture: capture !== null, hours });
}

function change(store: HeadStore, patch: HeadPatch, now: number): void {
  const { description, capture, keep_versions: keepVersions, log_hours: logHours } = patch;
  assertPatch(store, patch); // again, because other requests may have changed the head while captures were deleted
  if (patch.keep_inputs !== undefined) setKeepInputs(store, patch.keep_inputs, now);
  if (keepVersions !== undefined) setRetention(store, keepVersions, now);
  if (description !== undefined) store.meta.set("description", { text: description });
  if (capture === null) store.meta.remove("capture");
  if (capture) store.meta.set("capture", capture);
  setLogHours(store, logHours ?? logHoursOf(store), now);
}
