// One picture is decoded at a time in an isolate: decoding takes much memory, and two at once are not faster.
import type { Clock } from "../../core/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Wait } from "../../core/wait-for-request.ts";
import { busy, type ImageTools } from "./image-ceilings.ts";

/**
 * Milliseconds without a sign of life after which a decoding counts as gone. PLATFORM: the runtime drops the pending promises of a
 * request that ends, so its decoding may never release its turn.
 */
const GONE_MS = 1_000;
const LOOK_AGAIN_MS = 2;

export interface DecodingTurn {
  /** Shows that the decoding goes on. */
  touch(): void;
  release(): void;
}

export class DecodingTurns {
  #holder: object | null = null;
  #seenAt = 0;

  /** Waits for the turn; null after `withinMs`. */
  async take(now: Clock, wait: Wait, withinMs: number): Promise<DecodingTurn | null> {
    const lostAt = now() + withinMs;
    while (this.#holder !== null && now() - this.#seenAt < GONE_MS) {
      if (now() >= lostAt) return null;
      await wait(LOOK_AGAIN_MS);
    }
    const holder = {};
    this.#holder = holder;
    this.#seenAt = now();
    return {
      touch: () => {
        if (this.#holder === holder) this.#seenAt = now();
      },
      release: () => {
        if (this.#holder === holder) this.#holder = null;
      },
    };
  }
}

const decodings = new DecodingTurns();

/** Runs `work` when no other picture is decoded. `work` calls `touch` again and again. */
export async function decodeAlone<Result>(
  { now, wait }: ImageTools,
  work: (touch: () => void) => Promise<Result>,
): Promise<Result> {
  const turn = await decodings.take(now, wait, LIMITS.imageWaitMs);
  if (turn === null) throw busy();
  try {
    return await work(turn.touch);
  } finally {
    turn.release();
  }
}
