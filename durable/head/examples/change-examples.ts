// Uploads, relabels and deletions. Each is one transaction: plan first, then write in a few statements.
import type {
  AppendRequest,
  AppendResult,
  FeaturesMissing,
  NewExample,
  NewFeatures,
} from "../../../src/contract/example-rpc.ts";
import { labelsIn } from "../../../src/contract/targets.ts";
import { type AppendPlan, planAppend } from "../../../src/lifecycle/append.ts";
import { columnsOf } from "../../tables/targets.ts";
import { type PutFiles, useFiles } from "../files/put-files.ts";
import { type HeadStore, keepsInputs, lacksInputs } from "../store.ts";
import { notePending } from "./embed-pending.ts";
import { removeInOrder } from "./event-order.ts";
import { labelRulesOf } from "./label-rules.ts";
import { filesIn, restoreInputs, textOf } from "./stored-inputs.ts";
import { forgetInputs } from "./unused-inputs.ts";

export interface AppendContext {
  /** The files of the examples that are in the bucket. */
  readonly put: PutFiles;
  readonly now: number;
}

/**
 * Stores an upload. If features are missing, stores nothing and returns the digests of their inputs. Call it in a transaction.
 */
export function appendExamples(
  store: HeadStore,
  request: AppendRequest,
  context: AppendContext,
): AppendResult | FeaturesMissing {
  const { now } = context;
  const existing = store.examples.byIds(request.examples.map(({ id }) => id));
  const { examplesQuota } = request;
  const rules = { ...labelRulesOf(store), examplesNow: store.examples.count(), examplesQuota };
  const { writes, ...result } = planAppend(request.examples, existing, rules);
  if (request.allOrNone && result.rejected.length > 0) return { ...result, pending: 0 };
  if (lacksInputs(store)) restoreInputs(store, request.examples);
  const digests = [...new Set([...writes.values()].map(({ digest }) => digest))];
  const inputs = addInputs(store, digests, request, context);
  if (Array.isArray(inputs)) return { missing: inputs };
  writeExamples(store, writes, inputs, { source: request.source, now, existing });
  forgetReplaced(store, writes, existing, now);
  return { ...result, pending: countPending(store, request, result) };
}

/**
 * Adds inputs that the head does not have; returns the ids of all inputs by digest. If some come without a feature
 * and are not marked as pending, adds nothing and returns their digests.
 */
function addInputs(
  store: HeadStore,
  digests: readonly string[],
  { examples, features }: AppendRequest,
  { put, now }: AppendContext,
): Map<string, number> | string[] {
  const ids = store.features.idsOf(digests);
  const wanted = new Set(digests.filter((digest) => !ids.has(digest)));
  const vectors = vectorsByDigest(features, store.config.backbone.dimension);
  const later = new Set(features.pending);
  const missing = [...wanted].filter((digest) => !vectors.has(digest) && !later.has(digest));
  if (missing.length > 0) return missing;
  const inputs = new Map<string, Pick<NewExample, "digest" | "content">>();
  for (const example of examples) if (wanted.has(example.digest)) inputs.set(example.digest, example);
  const keeps = keepsInputs(store);
  const stored = [...inputs.values()].filter(({ digest }) => keeps || !vectors.has(digest));
  const again = useFiles(store, filesIn([...stored, ...restorable(store, examples)]), put, now);
  if (again.length > 0) return again;
  const rows = [...inputs.values()].map(({ digest, content }) => {
    const feature = vectors.get(digest) ?? null;
    return { digest, text: keeps || feature === null ? textOf(content) : null, feature };
  });
  if (rows.some(({ feature }) => feature === null)) notePending(store, !store.features.pending.has(), now);
  for (const [digest, id] of store.features.add(rows)) ids.set(digest, id);
  return ids;
}

/** The examples whose inputs are stored, perhaps without their files, because `keep_inputs` was false when they came. */
function restorable(store: HeadStore, examples: readonly NewExample[]): readonly NewExample[] {
  if (!lacksInputs(store)) return [];
  const ids = store.features.idsOf(examples.map(({ digest }) => digest));
  return examples.filter(({ digest }) => ids.has(digest));
}

function vectorsByDigest({ digests, values }: NewFeatures, dims: number): Map<string, Float32Array> {
  if (values.length !== digests.length * dims)
    throw new Error(`Got ${values.length} numbers as the features of ${digests.length} inputs of dimension ${dims}`);
  return new Map(digests.map((digest, i) => [digest, values.subarray(i * dims, (i + 1) * dims)]));
}

/** The number of accepted examples whose inputs have no feature yet. */
function countPending(
  { features: { pending } }: HeadStore,
  { examples }: AppendRequest,
  { rejected }: Pick<AppendResult, "rejected">,
): number {
  if (!pending.has()) return 0;
  const digests = pending.among(examples.map(({ digest }) => digest));
  const refused = new Set(rejected.map(({ index }) => index));
  return examples.filter(({ index, digest }) => digests.has(digest) && !refused.has(index)).length;
}

interface WriteContext {
  readonly source: AppendRequest["source"];
  readonly now: number;
  /** Ids of the examples that are stored already. */
  readonly existing: { has(id: string): boolean };
}

/** Adds and changes examples. `inputs`: ids by digest. */
export function writeExamples(
  store: HeadStore,
  writes: AppendPlan["writes"],
  inputs: ReadonlyMap<string, number>,
  { source, now, existing }: WriteContext,
): void {
  const labels = store.labels.idsOf([...writes.values()].flatMap(({ target }) => labelsIn(target)));
  const rows = [...writes].map(([id, { digest, target, split }]) => ({
    id,
    input: inputs.get(digest) as number,
    ...columnsOf(target, labels),
    split,
  }));
  const isStored = ({ id }: { readonly id: string }): boolean => existing.has(id);
  store.examples.add(
    rows.filter((row) => !isStored(row)),
    source,
    now,
  );
  store.examples.update(rows.filter(isStored), source, now);
}

/** Forgets the former inputs of updated examples, and labels without an example. */
function forgetReplaced(
  store: HeadStore,
  writes: AppendPlan["writes"],
  existing: ReturnType<HeadStore["examples"]["byIds"]>,
  now: number,
): void {
  const replaced = [...existing.values()].filter(
    ({ id, digest }) => writes.has(id) && writes.get(id)?.digest !== digest,
  );
  countDeletions(store, replaced.length);
  forgetInputs(
    store,
    replaced.map(({ input }) => input),
    now,
  );
  if (existing.size > 0) store.labels.prune();
}

function countDeletions({ meta }: HeadStore, deleted: number): void {
  if (deleted > 0) meta.set("deletions", { count: (meta.get("deletions")?.count ?? 0) + deleted });
}

/** Deletes those of the examples that exist, in one transaction and a few statements. Returns their number. */
export function deleteExamples(store: HeadStore, ids: readonly string[], now: number): number {
  return store.storage.transactionSync(() => {
    const removed = removeInOrder(store, ids, now);
    if (removed.length === 0) return 0;
    countDeletions(store, removed.length);
    store.versions.issues.removeExamples(removed.map(({ seq }) => seq));
    forgetInputs(
      store,
      removed.map(({ input }) => input),
      now,
    );
    store.labels.prune();
    return removed.length;
  });
}
