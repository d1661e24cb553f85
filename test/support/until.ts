// Waits in a test until a condition holds. Even on a busy machine, only a hanging test reaches the limit of minutes.
import { pause } from "./pause.ts";

const HANG_MS = 300_000;
const POLL_MS = 20;

/** Throws if the condition does not hold within `ms`. */
export async function until(isSo: () => boolean | Promise<boolean>, ms = HANG_MS): Promise<void> {
  for (const end = performance.now() + ms; !(await isSo()); await pause(POLL_MS)) {
    if (performance.now() > end) throw new Error(`Not within ${ms} ms: ${isSo}`);
  }
}
