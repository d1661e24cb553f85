// A budget for what stays on the WASM heap between calls. One heap serves every object of an isolate and never shrinks, so
// the budget is the isolate's: whoever finds it spent streams instead.
import { LIMITS } from "../core/limits.ts";

export interface HeapReservation {
  release(): void;
}

let reservedBytes = 0;

/** Room for `bytes`, to be released once; null when the budget has none left. */
export function reserveHeap(bytes: number): HeapReservation | null {
  if (reservedBytes + bytes > LIMITS.residentBlockBytes) return null;
  reservedBytes += bytes;
  let held = true;
  return {
    release() {
      if (held) reservedBytes -= bytes;
      held = false;
    },
  };
}
