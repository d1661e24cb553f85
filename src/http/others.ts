// PLATFORM: a request must not wait for a promise of another one, which may be gone with that: it looks now and then.
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";

export type Wait = (ms: number) => Promise<void>;

const LOOK_AGAIN_MS = 2;

/** Waits until what another request does has ended, or has taken so long that it never will. */
export async function othersEnd(
  hasEnded: () => boolean,
  { now, wait }: { readonly now: Clock; readonly wait: Wait },
): Promise<void> {
  const lostAt = now() + LIMITS.othersWaitMs;
  while (!hasEnded() && now() < lostAt) await wait(LOOK_AGAIN_MS);
}
