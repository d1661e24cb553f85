// What came to a source and was not verified. Kept in memory only.
//
// SECURITY: anyone can post to a source's address. What is not signed writes no row, changes no count of the source, and raises no
// event; this counter is all there is of it, and it is gone when the object is evicted.

import type { RefusalsView } from "../../src/contract/sources.ts";
import { timestamp } from "../../src/core/clock.ts";
import { logEvent } from "../../src/core/log.ts";
import type { Refusal } from "../../src/webhooks/verify.ts";

interface Counted {
  readonly count: number;
  readonly since: number;
  readonly last: Refusal & { readonly at: number };
}

const NONE: RefusalsView = { count: 0, since: null, last: null };

export class Refusals {
  /** At most one for each source that exists. */
  readonly #bySource = new Map<string, Counted>();

  note(source: string, refusal: Refusal, now: number): void {
    const before = this.#bySource.get(source);
    const count = (before?.count ?? 0) + 1;
    this.#bySource.set(source, { count, since: before?.since ?? now, last: { ...refusal, at: now } });
    if (isRoundNumber(count)) logEvent("info", "deliveries_refused", { source, count, code: refusal.code });
  }

  show(source: string): RefusalsView {
    const counted = this.#bySource.get(source);
    if (!counted) return NONE;
    const { count, since, last } = counted;
    return { count, since: timestamp(since), last: { ...last, at: timestamp(last.at) } };
  }

  forget(source: string): void {
    this.#bySource.delete(source);
  }
}

/** 1, 10, 100 and so on: whoever forges fills no log. */
const isRoundNumber = (count: number): boolean => /^10*$/.test(String(count));
