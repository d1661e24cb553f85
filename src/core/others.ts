// PLATFORM: a request must not wait for a promise of another one, which may be gone with that: it looks now and then.
import type { Clock } from "./clock.ts";

export type Wait = (ms: number) => Promise<void>;

const LOOK_AGAIN_MS = 2;

/** Waits until what another request does has ended, or has taken so long that it may never. */
export async function othersEnd(
  hasEnded: () => boolean,
  { now, wait }: { readonly now: Clock; readonly wait: Wait },
  withinMs: number,
): Promise<void> {
  const lostAt = now() + withinMs;
  while (!hasEnded() && now() < lostAt) await wait(LOOK_AGAIN_MS);
}
