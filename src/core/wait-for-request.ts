// PLATFORM: the runtime cancels a request's pending promises when that request ends. Waiting on another request's promise can
// hang forever, so this polls instead.
import type { Clock } from "./clock.ts";

export type Wait = (ms: number) => Promise<void>;

const LOOK_AGAIN_MS = 2;

/** Waits until another request's work has ended, for at most `withinMs`, because that request may be gone. */
export async function waitForRequest(
  hasEnded: () => boolean,
  { now, wait }: { readonly now: Clock; readonly wait: Wait },
  withinMs: number,
): Promise<void> {
  const lostAt = now() + withinMs;
  while (!hasEnded() && now() < lostAt) await wait(LOOK_AGAIN_MS);
}
