// Wraps calls of the head's object for a prediction: a call that fails becomes the fault `unavailable`.
import { HEAD_BROKEN, isHeadBroken } from "../../core/head-broken.ts";
import { logEvent } from "../../core/log.ts";
import { Fault, type Outcome, unwrap } from "../../core/problems.ts";

export const unwrapped = async <T>(outcome: Promise<Outcome<T>>): Promise<T> => unwrap(await outcome);

/** Throws `unavailable` if the object cannot be reached, because it may answer a moment later. */
export async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    logEvent("error", "head_unreachable", { error: String(error) });
    if (isHeadBroken(error)) throw Fault.from(HEAD_BROKEN);
    throw new Fault("unavailable", "The head cannot be reached just now; try again in a moment");
  }
}
