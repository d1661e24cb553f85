// A memory budget that trainings, large uploads and large predictions of an isolate share, with a first-come, first-served
// queue. For a limited time, requests that a caller waits for overtake trainings. Bytes are declared by the users, not
// measured. PLATFORM: the runtime cancels a request's pending promises when it ends, so waiting requests poll instead of
// sharing a promise. A request or an object can disappear without notice, so reservations and places in the queue expire unless
// they are refreshed.
import type { Clock } from "./clock.ts";
import { LIMITS } from "./limits.ts";
import type { Wait } from "./wait-for-request.ts";

export interface Reservation {
  /** Reserves more if nothing is waiting and memory is free; for memory that the holder can do without. */
  grow(bytes: number): boolean;
  shrink(bytes: number): void;
  /** Refreshes the reservation, which otherwise expires. */
  touch(): void;
  /** Releases everything. Further calls do nothing. */
  release(): void;
}

export interface MemoryRequest {
  /** Identifies the requester within the isolate. Repeated requests with the same key keep their place in the queue. */
  readonly key: string;
  readonly bytes: number;
  /**
   * True if the requester can wait until holders finish (a training). False if a caller waits for a response: holders that can
   * continue later should then release soon.
   */
  readonly patient: boolean;
}

interface Place extends MemoryRequest {
  readonly since: number;
  seenAt: number;
}

interface Share {
  bytes: number;
  seenAt: number;
  readonly expires: boolean;
}

/** Milliseconds for which requests with a waiting caller overtake a waiting training. Then the training is next in any case. */
const OVERTAKEN_MS = 30_000;
/** Milliseconds without a new attempt after which a place in the queue expires. */
const WAITING_EXPIRY_MS = 15_000;
/** Milliseconds without `touch` after which a reservation expires. */
const HOLDING_EXPIRY_MS = 60_000;

export class MemoryBudget {
  readonly capacity: number;
  readonly #now: Clock;
  /** In order of arrival. */
  readonly #waiting = new Map<string, Place>();
  readonly #held = new Set<Share>();
  readonly #listeners: (() => void)[] = [];
  readonly #lenders: ((bytes: number, isPatient: boolean) => void)[] = [];
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

  /** The most bytes in use at once so far. */
  get peak(): number {
    return this.#peak;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Reserves at once if `key` is next and the memory is free. Else returns null and keeps the place in the queue. */
  tryReserve(asked: MemoryRequest): Reservation | null {
    this.#dropExpired();
    const now = this.#now();
    const place = this.#waiting.get(asked.key) ?? { ...asked, since: now, seenAt: now };
    place.seenAt = now;
    this.#waiting.set(asked.key, place);
    const bytes = Math.min(asked.bytes, this.capacity); // a request of the whole capacity or more runs alone
    if (this.#next() !== asked.key) return null;
    this.#askBack(this.inUse + bytes - this.capacity, asked.patient);
    if (this.inUse + bytes > this.capacity) return null;
    this.#waiting.delete(asked.key);
    return this.take(bytes);
  }

  /** Calls `listener` whenever more is reserved, so that caches can release memory. */
  onReserved(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Calls `listener` with the bytes that are missing, so that holders of what can be loaded again release it. `isPatient`: the request can
   * wait (a training).
   */
  onShort(listener: (bytes: number, isPatient: boolean) => void): void {
    this.#lenders.push(listener);
  }

  /** Gives up a place in the queue. */
  leave(key: string): void {
    this.#waiting.delete(key);
  }

  /** Reserves at once, even beyond the capacity: for a prediction, which never waits. Trainings then release memory. */
  take(bytes: number): Reservation {
    return this.#reservation({ bytes, seenAt: this.#now(), expires: true });
  }

  /** As `take`, but never expires: for what the isolate itself keeps loaded, which no request takes away when it ends. */
  keep(bytes: number): Reservation {
    return this.#reservation({ bytes, seenAt: this.#now(), expires: false });
  }

  #reservation(share: Share): Reservation {
    this.#hold(share);
    let isReleased = false;
    return {
      grow: (more) => !isReleased && this.#grow(share, more),
      shrink: (less) => {
        share.bytes = Math.max(0, share.bytes - less);
      },
      touch: () => {
        share.seenAt = this.#now();
        if (!isReleased) this.#hold(share); // it had expired, but the holder is still active
      },
      release: () => {
        isReleased = true;
        this.#held.delete(share);
      },
    };
  }

  /**
   * Whether holders that can continue later should release soon: a caller waits for memory, or more is in use than the
   * capacity.
   */
  isWanted(): boolean {
    if (this.#waiting.size === 0) return this.inUse > this.capacity;
    this.#dropExpired();
    for (const { patient } of this.#waiting.values()) if (!patient) return true;
    return this.inUse > this.capacity;
  }

  /** The key that is next: the first in the queue, but requests with a waiting caller overtake trainings for OVERTAKEN_MS. */
  #next(): string | undefined {
    const [first] = this.#waiting.values();
    if (!first?.patient || this.#now() - first.since > OVERTAKEN_MS) return first?.key;
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
    for (const listener of this.#listeners) listener();
    this.#askBack(this.inUse - this.capacity, false);
  }

  #askBack(bytes: number, isPatient: boolean): void {
    if (bytes > 0) for (const lend of this.#lenders) lend(bytes, isPatient);
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [key, { seenAt }] of this.#waiting) if (now - seenAt > WAITING_EXPIRY_MS) this.#waiting.delete(key);
    for (const share of this.#held)
      if (share.expires && now - share.seenAt > HOLDING_EXPIRY_MS) this.#held.delete(share);
  }
}

const LOOK_AGAIN_MS = 20;

/** Polls until the reservation succeeds. Returns null after `withinMs`; the place in the queue is kept until it expires. */
export async function reserveWithin(
  budget: MemoryBudget,
  asked: MemoryRequest,
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

/** The budget of this isolate, for all objects and requests. */
export const isolateMemory = new MemoryBudget(LIMITS.memoryBytes, () => Date.now());
