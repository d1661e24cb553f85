// Counts deliveries of a source that failed verification. In memory only.
//
// SECURITY: anyone can post to a source's address. An unverified delivery writes no row, changes no count of the source and
// raises no event. It only raises this counter, which is lost when the object is evicted.
import type { RefusalsView } from "../../src/contract/sources.ts";
import { timestamp } from "../../src/core/clock.ts";
import { logEvent } from "../../src/core/log.ts";
import type { VerificationFailure } from "../../src/webhooks/verify.ts";

interface Counted {
  readonly count: number;
  readonly since: number;
  readonly last: VerificationFailure & { readonly at: number };
}

const NONE: RefusalsView = { count: 0, since: null, last: null };

export class FailedVerifications {
  /** Counts by source: at most one for each source that exists. */
  readonly #bySource = new Map<string, Counted>();

  note(source: string, refusal: VerificationFailure, now: number): void {
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

/** True for 1, 10, 100 and so on, so that forged deliveries cannot flood the log. */
const isRoundNumber = (count: number): boolean => /^10*$/.test(String(count));
