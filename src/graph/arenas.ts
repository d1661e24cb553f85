// Parts of a heap for the activations of runs. A run that yields keeps its arena, so that another run cannot overwrite it. PLATFORM: a
// request can be cancelled without its `finally` running, so an arena that its owner no longer touches expires.
import type { Clock } from "../core/clock.ts";

/** Milliseconds without `touch` after which an arena may be given to others: as long as a reservation of memory is kept. */
const EXPIRY_MS = 60_000;

interface Range {
  readonly start: number;
  readonly end: number;
  seenAt: number;
}

export interface Arena {
  readonly address: number;
  /** Refreshes the arena. Throws if it had expired and was given to others. */
  touch(): void;
  release(): void;
}

export class Arenas {
  /** In the order of their addresses. */
  #live: Range[] = [];
  readonly #start: number;
  readonly #mostBytes: number;
  readonly #now: Clock;

  /** `mostBytes`: of all arenas; only one that is alone may be larger. */
  constructor(start: number, mostBytes: number, now: Clock) {
    this.#start = start;
    this.#mostBytes = mostBytes;
    this.#now = now;
  }

  /** The end of the last arena: the heap must be at least as large. */
  get end(): number {
    return this.#live.at(-1)?.end ?? this.#start;
  }

  /** An arena at the lowest free address; null while others hold too much. */
  claim(bytes: number): Arena | null {
    const now = this.#now();
    this.#live = this.#live.filter(({ seenAt }) => now - seenAt <= EXPIRY_MS);
    const held = this.#live.reduce((sum, { start, end }) => sum + end - start, 0);
    if (this.#live.length > 0 && held + bytes > this.#mostBytes) return null;
    const start = this.#freeStart(bytes);
    const range = { start, end: start + bytes, seenAt: now };
    this.#live = [...this.#live, range].sort((a, b) => a.start - b.start);
    return {
      address: start,
      touch: () => this.#touch(range),
      release: () => {
        this.#live = this.#live.filter((other) => other !== range);
      },
    };
  }

  #freeStart(bytes: number): number {
    let start = this.#start;
    for (const range of this.#live) {
      if (range.start - start >= bytes) return start;
      start = range.end;
    }
    return start;
  }

  #touch(range: Range): void {
    if (!this.#live.includes(range)) throw new Error("A run was idle for so long that its memory was given to others");
    range.seenAt = this.#now();
  }
}
