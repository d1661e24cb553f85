// One budget for what trainings, large uploads and large predictions of an isolate hold in memory at once: a queue, first come,
// first served, in which callers go before trainings for a while. Counted, not measured: whoever reserves says how much.
// PLATFORM: a request must not wait for a promise of another one, so those who wait ask again; and a request or an object may be
// gone without a word, so who has not been heard of for long is forgotten.
import type { Clock } from "./clock.ts";
import { LIMITS } from "./limits.ts";
import type { Wait } from "./others.ts";

export interface Reservation {
  /** Takes more, if nobody waits and it is there; for what can be done without. */
  grow(bytes: number): boolean;
  shrink(bytes: number): void;
  /** Says that the holder is still there: who does not for long is taken for gone. */
  touch(): void;
  /** Gives everything back; once is enough. */
  release(): void;
}

export interface Asked {
  /** Who asks, in all of the isolate: the place in the queue is kept by it. */
  readonly key: string;
  readonly bytes: number;
  /** Whether whoever holds memory may finish what it has begun; who is not patient has a caller that waits. */
  readonly patient: boolean;
}

interface Place extends Asked {
  readonly since: number;
  seenAt: number;
}

interface Share {
  bytes: number;
  seenAt: number;
}

/** How long callers who wait go before a training that waits too; then it is its turn, whoever else there is. */
const PASSED_OVER_MS = 30_000;
/** Who waits and has not asked for so long is gone. */
const FORGOTTEN_WAITING_MS = 15_000;
/** Who holds and has not been heard of for so long is gone. */
const FORGOTTEN_HOLDING_MS = 60_000;

export class MemoryBudget {
  readonly capacity: number;
  readonly #now: Clock;
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Place>();
  readonly #held = new Set<Share>();
  #peak = 0;

  constructor(capacity: number, now: Clock) {
    this.capacity = capacity;
    this.#now = now;
  }

  get inUse(): number {
    let sum = 0;
    for (const { bytes } of this.#held) sum += bytes;
    return sum;
  }

  /** The most that was in use at once. */
  get peak(): number {
    return this.#peak;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** At once, where it is the turn of `key` and there is room; else null, and the place in the queue is kept. */
  tryReserve(asked: Asked): Reservation | null {
    this.#forgetGone();
    const now = this.#now();
    const place = this.#waiting.get(asked.key) ?? { ...asked, since: now, seenAt: now };
    place.seenAt = now;
    this.#waiting.set(asked.key, place);
    const bytes = Math.min(asked.bytes, this.capacity); // the largest has its turn, alone
    if (this.#next() !== asked.key || this.inUse + bytes > this.capacity) return null;
    this.#waiting.delete(asked.key);
    return this.take(bytes);
  }

  /** Gives up a place in the queue. */
  leave(key: string): void {
    this.#waiting.delete(key);
  }

  /** At once, though there may be no room: for a prediction, which never waits. Who trains makes room for it. */
  take(bytes: number): Reservation {
    const share: Share = { bytes, seenAt: this.#now() };
    this.#hold(share);
    let isReleased = false;
    return {
      grow: (more) => !isReleased && this.#grow(share, more),
      shrink: (less) => {
        share.bytes = Math.max(0, share.bytes - less);
      },
      touch: () => {
        share.seenAt = this.#now();
        if (!isReleased) this.#hold(share); // it was taken for gone, and is not
      },
      release: () => {
        isReleased = true;
        this.#held.delete(share);
      },
    };
  }

  /** Whether who holds memory and can go on later is to give it back soon: a caller waits for it, or more is in use than there is. */
  isWanted(): boolean {
    if (this.#waiting.size === 0) return this.inUse > this.capacity;
    this.#forgetGone();
    for (const { patient } of this.#waiting.values()) if (!patient) return true;
    return this.inUse > this.capacity;
  }

  /** Whose turn it is: of those who came first, but that callers go before trainings for a while. */
  #next(): string | undefined {
    const [first] = this.#waiting.values();
    if (!first?.patient || this.#now() - first.since > PASSED_OVER_MS) return first?.key;
    for (const { key, patient } of this.#waiting.values()) if (!patient) return key;
    return first.key;
  }

  #grow(share: Share, bytes: number): boolean {
    if (this.#waiting.size > 0 || this.inUse + bytes > this.capacity - LIMITS.requestMemoryBytes) return false;
    share.bytes += bytes;
    this.#hold(share);
    return true;
  }

  #hold(share: Share): void {
    this.#held.add(share);
    this.#peak = Math.max(this.#peak, this.inUse);
  }

  #forgetGone(): void {
    const now = this.#now();
    for (const [key, { seenAt }] of this.#waiting) if (now - seenAt > FORGOTTEN_WAITING_MS) this.#waiting.delete(key);
    for (const share of this.#held) if (now - share.seenAt > FORGOTTEN_HOLDING_MS) this.#held.delete(share);
  }
}

const LOOK_AGAIN_MS = 20;

/** Waits for its turn, asking again and again; null once `withinMs` are over, with the place in the queue kept for a while. */
export async function reserveWithin(
  budget: MemoryBudget,
  asked: Asked,
  { now, wait, isWanted = () => true }: { readonly now: Clock; readonly wait: Wait; readonly isWanted?: () => boolean },
  withinMs: number,
): Promise<Reservation | null> {
  const lostAt = now() + withinMs;
  for (;;) {
    const reservation = isWanted() ? budget.tryReserve(asked) : null;
    if (reservation || !isWanted() || now() >= lostAt) return reservation;
    await wait(LOOK_AGAIN_MS);
  }
}

/** Of this isolate, for all objects and requests. */
export const isolateMemory = new MemoryBudget(LIMITS.memoryBytes, () => Date.now());
