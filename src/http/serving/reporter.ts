// Reports answers to the heads' objects: one call, a second after the first unreported answer.
import type { ServingReport } from "../../contract/serving-rpc.ts";
import type { Clock } from "../../core/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { logEvent } from "../../core/log.ts";
import type { Outcome } from "../../core/problems.ts";
import { Tallies } from "../../serving/tallies.ts";

const REPORT_AFTER_MS = 1_000;
const LOST_AFTER_MS = 10_000;
/** Attempts to deliver a report; then it is dropped. */
const MOST_TRIES = 3;

export interface ReporterOptions {
  readonly now: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

/** The head's object, and how work may continue after the response. */
export interface ReportTarget {
  report(report: ServingReport): Promise<Outcome<null>>;
  waitUntil(work: Promise<unknown>): void;
}

interface Counting {
  readonly tallies: Tallies;
  /** When its report began to wait. PLATFORM: a report never ends if the runtime cancels its request. */
  readonly since: number;
}

export class Reporter {
  readonly #options: ReporterOptions;
  readonly #heads = new Map<string, Counting>();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** The tallies for answers of `head`; null if this isolate already counts for too many heads. */
  of(head: string, target: ReportTarget): Tallies | null {
    const counting = this.#heads.get(head);
    const now = this.#options.now();
    if (counting && now - counting.since < LOST_AFTER_MS) return counting.tallies;
    if (!counting && this.#heads.size >= LIMITS.reportedHeads) return null;
    return this.#begin(head, counting?.tallies ?? new Tallies(), target, MOST_TRIES);
  }

  #begin(head: string, tallies: Tallies, target: ReportTarget, tries: number): Tallies {
    const counting = { tallies, since: this.#options.now() };
    this.#heads.set(head, counting);
    target.waitUntil(this.#tell(head, counting, target, tries));
    return tallies;
  }

  async #tell(head: string, counting: Counting, target: ReportTarget, tries: number): Promise<void> {
    await this.#options.wait(REPORT_AFTER_MS);
    if (this.#heads.get(head) === counting) this.#heads.delete(head); // later answers go to new tallies
    const report = counting.tallies.take();
    try {
      await target.report(report);
    } catch (error) {
      logEvent("error", "report_failed", { head, error: String(error) });
      const now = this.#heads.get(head)?.tallies;
      if (tries > 1) (now ?? this.#begin(head, new Tallies(), target, tries - 1)).putBack(report);
    }
  }
}
