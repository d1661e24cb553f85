// Applies the checked changes of a delivery, all or none, in the transaction that settles it.
import type { FeaturesMissing, NewFeatures } from "../../../src/contract/example-rpc.ts";
import type { DeliveredChanges } from "../../../src/contract/source-rpc.ts";
import type { SourceSettings } from "../../../src/webhooks/source.ts";
import { appendExamples, deleteExamples } from "../examples/change-examples.ts";
import { countOf, lateReason, remember, withoutStale } from "../examples/event-order.ts";
import type { PutFiles } from "../files/put-files.ts";
import { inboxOf } from "../inbox.ts";
import type { HeadStore } from "../store.ts";
import { type Arrival, deliveryOutcome, type Effect, rejection } from "./arrival.ts";
import { atIndex } from "./check-changes.ts";
import { idsToDelete } from "./ids-to-delete.ts";

/** Changes to apply, the features that came with them, and how many examples the head may hold. */
export interface Application {
  readonly changes: DeliveredChanges;
  readonly features: NewFeatures;
  /** The files of the changes that are in the bucket. */
  readonly put: PutFiles;
  readonly examplesQuota: number;
}

export function apply(
  store: HeadStore,
  { action }: SourceSettings,
  { changes: asked, features, put, examplesQuota }: Application,
  { source, now }: Arrival,
): Effect | FeaturesMissing {
  const changes = withoutStale(store, source, asked);
  const late = lateReason(asked, changes);
  if (late && countOf(changes) === 0)
    return { outcome: "ignored", example: exampleIn(asked), changed: 0, reason: late };
  const { examples, groups, reason } = changes;
  const ids = idsToDelete(store, source, changes);
  if ("code" in ids) return { outcome: "rejected", changed: 0, reason: ids };
  const request = { examples, features, source: "webhook", examplesQuota, allOrNone: true } as const;
  const appended = appendExamples(store, request, { put, now });
  if ("missing" in appended) return appended;
  const [problem] = appended.rejected;
  if (problem) return rejection(atIndex(problem, examples.length), examples[problem.index]?.id ?? null);
  const members = examples.map(({ id }, i) => ({ example: id, name: groups[i] ?? "" }));
  inboxOf(store).groups.put(
    source,
    members.filter(({ name }) => name !== ""),
  );
  const deleted = deleteExamples(store, ids, now);
  remember(store, source, changes, now);
  const { added, updated, unchanged } = appended;
  const counts = { added, updated, unchanged, deleted };
  const changed = added + updated + deleted;
  return {
    outcome: deliveryOutcome(counts),
    example: examples[0]?.id ?? ids[0] ?? null,
    counts,
    changed,
    reason: reason ?? late,
    trains: action === "add_and_train" && changed > 0,
  };
}

const exampleIn = ({ examples, deletes }: DeliveredChanges): string | null =>
  examples[0]?.id ?? deletes[0]?.name ?? null;
