// Changes the settings of a head, other than its versions and its policy.
import type { HeadPatch, HeadView } from "../../src/contract/heads.ts";
import { Fault } from "../../src/core/problems.ts";
import type { Turn } from "../../src/core/turns.ts";
import type { HeadTools } from "./calls.ts";
import { logHoursOf, setLogHours } from "./prediction-log.ts";
import type { HeadStore } from "./store.ts";
import { viewOfHead } from "./view.ts";

/** Call `turnCapturesOff` before, where the patch asks for that. */
export function updateHead(store: HeadStore, patch: HeadPatch, now: number): HeadView {
  const { description, capture, log_hours: logHours } = patch;
  if (description !== undefined) store.meta.set("description", { text: description });
  if (capture) store.meta.set("capture", capture);
  setLogHours(store, logHours ?? logHoursOf(store), now);
  return viewOfHead(store, now);
}

/** Turns captures off. Deletes the captured inputs first, some at a time: a kill leaves captures on, and the call unanswered. */
export async function turnCapturesOff(
  { store, isCurrent }: Pick<HeadTools, "store" | "isCurrent">,
  turn: Turn,
): Promise<void> {
  while (store.captures.clearSome()) {
    await turn();
    if (!isCurrent()) throw new Fault("not_found", "The head was deleted");
  }
  store.meta.remove("capture"); // in the same turn in which none was left
}
