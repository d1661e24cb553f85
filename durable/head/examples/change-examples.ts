// Uploads, relabels and deletions. Each is one transaction: plan first, then write in a few statements.
import type { AppendRequest, AppendResult, FeaturesMissing } from "../../../src/contract/rpc.ts";
import { type AppendPlan, planAppend } from "../../../src/lifecycle/append.ts";
import { type HeadStore, lacksInputs } from "../store.ts";
import { removeInOrder } from "./event-order.ts";
import { labelRulesOf } from "./label-rules.ts";
import { restoreInputs } from "./stored-inputs.ts";
import { forgetInputs } from "./unused-inputs.ts";
import { type AppendContext, addInputs, countPending, writeExamples } from "./write-examples.ts";

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
