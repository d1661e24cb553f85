// Takes rows into a head, batch by batch: check, ask which features are missing, embed only those, append. What an answer
// counts is committed.
import type { CheckedRow, RowRules } from "../../backbones/example-row.ts";
import type { ExampleSource, UploadResult } from "../../contract/examples.ts";
import { isProblem, type RowProblem } from "../../contract/inputs.ts";
import type { AppendResult, FeaturesMissing, HeadRpc, NewFeatures } from "../../contract/rpc.ts";
import { labelsIn } from "../../contract/targets.ts";
import { LIMITS } from "../../core/limits.ts";
import { unwrap } from "../../core/problems.ts";
import type { Meter } from "../meter.ts";
import { checkRow, type RawRow } from "./rows.ts";

export interface UploadTarget extends RowRules {
  readonly head: HeadRpc;
  readonly source: ExampleSource;
  readonly examplesQuota: number;
  readonly meter: Meter | undefined;
}

/** Times a batch is embedded again because inputs were deleted between the question and the append. */
const MAX_ATTEMPTS = 4;

type Totals = Pick<UploadResult, "added" | "updated" | "unchanged" | "features"> & {
  readonly rejected: (RowProblem & { readonly index: number })[];
  rejectedTotal: number;
};

export async function ingest(rows: AsyncIterable<RawRow>, target: UploadTarget): Promise<UploadResult> {
  const totals: Totals = {
    ...{ added: 0, updated: 0, unchanged: 0, rejected: [], rejectedTotal: 0 },
    features: { computed: 0, cached: 0, pending: 0 },
  };
  let batch: CheckedRow[] = [];
  let bytes = 0;
  let index = 0;
  for await (const raw of rows) {
    const row = await checkRow(raw, index, target);
    if (isProblem(row)) reject(totals, { ...row, index });
    else {
      batch.push(row);
      bytes += bytesOf(row);
    }
    index++;
    if (batch.length >= LIMITS.rowsPerBatch || bytes >= LIMITS.batchBytes) {
      await flush(batch, target, totals);
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) await flush(batch, target, totals);
  const { rejectedTotal, rejected, ...counts } = totals;
  return { ...counts, rejected: rejected.sort((a, b) => a.index - b.index), rejected_total: rejectedTotal };
}

/** What a row weighs in a call between objects: many labels may outweigh the input. */
const bytesOf = ({ input, example }: CheckedRow): number =>
  labelsIn(example.target).reduce((sum, { length }) => sum + 2 * length, input.bytes().byteLength);

function reject(totals: Totals, row: RowProblem & { readonly index: number }): void {
  totals.rejectedTotal++;
  if (totals.rejected.length < LIMITS.rejectionsListed) totals.rejected.push(row);
}

async function flush(batch: readonly CheckedRow[], target: UploadTarget, totals: Totals): Promise<void> {
  const { result, computed } = await append(batch, target);
  totals.added += result.added;
  target.meter?.countExamples(result.added);
  totals.updated += result.updated;
  totals.unchanged += result.unchanged;
  for (const row of result.rejected) reject(totals, row);
  const accepted = result.added + result.updated + result.unchanged;
  totals.features.computed += Math.min(computed, accepted);
  totals.features.cached += accepted - Math.min(computed, accepted);
}

/** Appends the batch; embeds again what turns out to be missing, since examples may be deleted at any moment. */
async function append(
  batch: readonly CheckedRow[],
  target: UploadTarget,
): Promise<{ result: AppendResult; computed: number }> {
  const { head, source, examplesQuota } = target;
  const examples = batch.map(({ example }) => example);
  const digests = [...new Set(examples.map(({ digest }) => digest))];
  const wanted = new Set(unwrap(await head.missingFeatures(digests)));
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const features = await embed(batch, wanted, target);
    const outcome: AppendResult | FeaturesMissing = unwrap(
      await head.append({ examples, features, source, examplesQuota }),
    );
    if (!("missing" in outcome)) return { result: outcome, computed: wanted.size };
    for (const digest of outcome.missing) wanted.add(digest);
  }
  throw new Error("Examples of this upload are being deleted as fast as they are added");
}

async function embed(
  batch: readonly CheckedRow[],
  wanted: ReadonlySet<string>,
  target: UploadTarget,
): Promise<NewFeatures> {
  const inputs = new Map(batch.map(({ example, input }) => [example.digest, input]));
  const digests = [...wanted].filter((digest) => inputs.has(digest));
  await target.meter?.spendInputs(digests.length, "upload");
  const missing = digests.flatMap((digest) => inputs.get(digest) ?? []);
  return { digests, values: await target.backbone.embed(missing, target.dimension) };
}
