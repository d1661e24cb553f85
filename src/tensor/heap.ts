// A budget for data that stays on the WASM heap between calls. One heap serves every object of an isolate and never shrinks, so
// the budget belongs to the isolate. A caller that finds it spent streams its data instead.
import { LIMITS } from "../core/limits.ts";

export interface HeapReservation {
  release(): void;
}

let reservedBytes = 0;

/** Reserves `bytes`, to be released once; null when the budget has too little left. */
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
