// Tells heads' objects what was answered for them: a second after the first answer that was not told yet, in one call.
import type { ServingReport } from "../../contract/serving-rpc.ts";
import { LIMITS } from "../../core/limits.ts";
import { logEvent } from "../../core/log.ts";
import type { Outcome } from "../../core/problems.ts";
import { Tallies } from "../../serving/tallies.ts";

const REPORT_AFTER_MS = 1_000;

/** The head's object, and how work may go on after the answer. */
export interface Told {
  report(report: ServingReport): Promise<Outcome<null>>;
  waitUntil(work: Promise<unknown>): void;
}

export class Reporter {
  readonly #wait: (ms: number) => Promise<void>;
  readonly #heads = new Map<string, Tallies>();

  constructor(wait: (ms: number) => Promise<void>) {
    this.#wait = wait;
  }

  /** Where to count answers of `head`; null where this isolate counts for too many heads already. */
  of(head: string, told: Told): Tallies | null {
    const tallies = this.#heads.get(head);
    if (tallies || this.#heads.size >= LIMITS.reportedHeads) return tallies ?? null;
    const made = new Tallies();
    this.#heads.set(head, made);
    told.waitUntil(this.#tell(head, made, told));
    return made;
  }

  async #tell(head: string, tallies: Tallies, told: Told): Promise<void> {
    await this.#wait(REPORT_AFTER_MS);
    this.#heads.delete(head); // from here on, a new one counts
    const report = tallies.take();
    try {
      await told.report(report);
    } catch (error) {
      this.#heads.get(head)?.putBack(report);
      logEvent("error", "report_failed", { head, error: String(error) });
    }
  }
}
