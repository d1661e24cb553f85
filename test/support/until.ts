// Waits in a test until something is so. Only what hangs takes minutes, also on a busy machine.
import { pause } from "./pause.ts";

const HANG_MS = 300_000;
const POLL_MS = 20;

/** Throws if it is not so within `ms`. */
export async function until(isSo: () => boolean | Promise<boolean>, ms = HANG_MS): Promise<void> {
  for (const end = performance.now() + ms; !(await isSo()); await pause(POLL_MS)) {
    if (performance.now() > end) throw new Error(`Not within ${ms} ms: ${isSo}`);
  }
}
