// Adds rows to a head, batch by batch: validates them, asks which features are missing, embeds only those, and appends.
// Everything that a response counts is committed.

import type { AppendResult, FeaturesMissing } from "../../contract/example-rpc.ts";
import { isProblem } from "../../contract/row-problem.ts";
import type { UploadResult } from "../../contract/upload-result.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault, unwrap } from "../../core/problems.ts";
import { release } from "../../core/release.ts";
import { UPLOAD_WORK } from "../../core/work.ts";
import { appendable, type BatchRow, rowBytes } from "./batch.ts";
import { newFeatures } from "./embed.ts";
import { checkRow, type RawRow } from "./rows.ts";
import { Tally } from "./tally.ts";
import type { UploadTarget } from "./upload-target.ts";

export async function ingest(rows: AsyncIterable<RawRow>, target: UploadTarget): Promise<UploadResult> {
  const intake = new Intake(target);
  for await (const raw of rows) {
    await intake.take(raw);
    if (intake.isStopped) break;
  }
  return intake.end();
}

class Intake {
  readonly #target: UploadTarget;
  readonly #tally = new Tally();
  #batch: BatchRow[] = [];
  #bytes = 0;
  #index = 0;

  constructor(target: UploadTarget) {
    this.#target = target;
  }

  get isStopped(): boolean {
    return this.#tally.stoppedAtLine !== null;
  }

  async take(raw: RawRow): Promise<void> {
    const place = { index: this.#index++, line: raw.line };
    const row = await checkRow(raw, place.index, this.#target, this.#target.turns);
    if (isProblem(row)) this.#tally.reject({ ...row, ...place });
    else this.#add({ ...row, line: raw.line, rejectedBefore: this.#tally.takeRejectedInARow() });
    await this.#target.turns.spend(UPLOAD_WORK.perRow);
    if (this.#batch.length >= LIMITS.rowsPerBatch || this.#bytes >= LIMITS.batchBytes) await this.#flush();
    if (raw.line !== undefined) this.#tally.stopIfHopeless(raw.line, this.#batch.length);
  }

  async end(): Promise<UploadResult> {
    const isWarned = this.#batch.length > 0;
    await this.#flush(true);
    // All rows were rejected, or were appended before the end of the upload was known.
    if (!isWarned) this.#tally.warn(unwrap(await this.#target.head.describe()).warnings);
    const conflicts = this.#tally.conflicts.listed.flatMap(({ id, earlier }) =>
      earlier.label === undefined ? [] : [{ id, other: earlier.label }],
    );
    const { head, born } = this.#target;
    if (conflicts.length > 0) unwrap(await head.noteConflicts(conflicts, born));
    return this.#tally.result();
  }

  #add(row: BatchRow): void {
    this.#batch.push(row);
    this.#bytes += rowBytes(row);
  }

  async #flush(isLast = false): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    if (batch.length === 0) return;
    const { head, born, turns, dimension, meter } = this.#target;
    const digests = [...new Set(batch.map(({ example }) => example.digest))];
    const wanted = new Set(unwrap(await head.missingFeatures(digests, born)));
    await turns.take();
    const parts = [...appendable(batch, dimension)];
    for (const [part, rows] of parts.entries()) {
      const withWarnings = isLast && part === parts.length - 1;
      const { result, computed } = await append(rows, wanted, this.#target, withWarnings);
      meter?.countExamples(result.added);
      this.#tally.add(rows, result, computed);
      if (result.warnings) this.#tally.warn(result.warnings);
      await turns.take();
    }
  }
}

/** Attempts to append rows. An attempt fails if inputs are deleted after the head has named those without a feature. */
const MAX_ATTEMPTS = 4;

/** Appends rows. Embeds missing features again, because examples may be deleted at any time. */
async function append(
  rows: readonly BatchRow[],
  wanted: Set<string>,
  target: UploadTarget,
  withWarnings: boolean,
): Promise<{ result: AppendResult; computed: number }> {
  const { head, born, source, examplesQuota } = target;
  const examples = rows.map(({ example }) => example);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const features = await newFeatures(rows, wanted, target);
    const outcome: AppendResult | FeaturesMissing = unwrap(
      await head.append({ born, examples, features, source, examplesQuota, withWarnings }),
    );
    if (!("missing" in outcome)) {
      release(features.values); // a long upload fills the isolate before a collection frees them
      for (const digest of [...features.digests, ...(features.pending ?? [])]) wanted.delete(digest);
      return { result: outcome, computed: features.digests.length };
    }
    for (const digest of outcome.missing) wanted.add(digest);
  }
  const detail =
    "Examples of this upload are deleted as fast as they are added: stop the deletions and send the upload again";
  throw new Fault("conflict", detail);
}
