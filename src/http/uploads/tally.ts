// The results of an upload's rows so far: counts, the first rejections, and whether to continue.
import type { AppendResult, NewExample } from "../../contract/example-rpc.ts";
import type { Rejection, UploadResult } from "../../contract/upload-result.ts";
import type { Warning } from "../../contract/warnings.ts";
import { LIMITS } from "../../core/limits.ts";
import type { BatchRow } from "./batch.ts";
import { Conflicts } from "./conflicts.ts";

export class Tally {
  readonly #counts = { added: 0, updated: 0, unchanged: 0 };
  readonly #features = { computed: 0, cached: 0, pending: 0 };
  readonly #rejected: Rejection[] = [];
  #rejectedTotal = 0;
  /** Consecutive rejected rows: rejected by the head, up to the last appended row; and since the last accepted row. */
  #inARowAppended = 0;
  #inARow = 0;
  #stoppedAtLine: number | null = null;
  #warnings: readonly Warning[] = [];
  readonly #conflicts = new Conflicts();
  #accepted = 0;
  /** Id of the accepted row, while there is only one. */
  #onlyId: string | null = null;

  get stoppedAtLine(): number | null {
    return this.#stoppedAtLine;
  }

  /** Counts an invalid row, before it is sent to the head. */
  reject(row: Rejection): void {
    this.#inARow++;
    this.#note(row);
  }

  /** Returns the number of rows rejected since the last accepted one, and resets it, because the next row is valid. */
  takeRejectedInARow(): number {
    const count = this.#inARow;
    this.#inARow = 0;
    return count;
  }

  /** Counts the head's result for `rows`. */
  add(rows: readonly BatchRow[], result: AppendResult, computed: number): void {
    this.#counts.added += result.added;
    this.#counts.updated += result.updated;
    this.#counts.unchanged += result.unchanged;
    const accepted = result.added + result.updated + result.unchanged;
    const { pending } = result;
    const fresh = Math.min(computed, accepted - pending);
    this.#features.computed += fresh;
    this.#features.cached += accepted - pending - fresh;
    this.#features.pending += pending;
    const refused = new Map(result.rejected.map((rejection) => [rejection.index, rejection]));
    for (const { example, line, rejectedBefore } of rows) {
      const rejection = refused.get(example.index);
      this.#inARowAppended = rejection ? this.#inARowAppended + rejectedBefore + 1 : 0;
      if (rejection) this.#note({ ...rejection, line });
      else this.#accept(example, line);
    }
  }

  /** Conflicts to store in the head for review. */
  get conflicts(): Conflicts {
    return this.#conflicts;
  }

  #accept(example: NewExample, line: number | undefined): void {
    this.#accepted++;
    this.#onlyId = this.#accepted === 1 ? example.id : null;
    this.#conflicts.note(example, line);
  }

  /** Stores the warnings about trainings after the last rows. */
  warn(warnings: readonly Warning[]): void {
    this.#warnings = warnings;
  }

  /** Stops at `line` after too many consecutive rejections. Rows that wait to be appended count as accepted. */
  stopIfHopeless(line: number, rowsWaiting: number): void {
    const inARow = this.#inARow + (rowsWaiting === 0 ? this.#inARowAppended : 0);
    if (inARow >= LIMITS.rejectionsInARow) this.#stoppedAtLine = line;
  }

  result(): UploadResult {
    return {
      ...this.#counts,
      rejected: this.#rejected.sort((a, b) => a.index - b.index),
      rejected_total: this.#rejectedTotal,
      stopped_at_line: this.#stoppedAtLine ?? undefined,
      features: this.#features,
      conflicts: [...this.#conflicts.listed],
      conflicts_total: this.#conflicts.total,
      id: this.#rejectedTotal > 0 ? undefined : (this.#onlyId ?? undefined),
      warnings: [...this.#warnings],
    };
  }

  #note({ line, ...row }: Rejection): void {
    this.#rejectedTotal++;
    if (this.#rejected.length < LIMITS.rejectionsListed)
      this.#rejected.push(line === undefined ? row : { ...row, line });
  }
}
