// Applies the checked changes of a delivery, all or none, in the transaction that settles it.
import type { DeliveryCounts } from "../../../src/contract/deliveries.ts";
import type { DeliveryReason } from "../../../src/contract/mapping.ts";
import type { RowProblem } from "../../../src/contract/row-problem.ts";
import type { FeaturesMissing, NewFeatures } from "../../../src/contract/rpc.ts";
import type { DeliveredChanges } from "../../../src/contract/source-rpc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import type { SourceSettings } from "../../../src/webhooks/source.ts";
import { type AppendContext, appendExamples, deleteExamples } from "../examples/change-examples.ts";
import { countOf, lateReason, membersToDelete, remember, withoutStale } from "../examples/event-order.ts";
import { inboxOf } from "../inbox.ts";
import type { HeadStore } from "../store.ts";
import type { Arrival, Effect } from "./arrival.ts";
import { atIndex } from "./check-changes.ts";

/** Changes to apply, the features that came with them, and how many examples the head may hold. */
export interface Application {
  readonly changes: DeliveredChanges;
  readonly features: NewFeatures;
  /** The files of the changes that are in the bucket. */
  readonly put: AppendContext["put"];
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

export function deliveryOutcome({
  added,
  updated,
  deleted,
}: DeliveryCounts): "added" | "updated" | "deleted" | "unchanged" {
  if (added > 0) return "added";
  if (updated > 0) return "updated";
  return deleted > 0 ? "deleted" : "unchanged";
}

/** The ids to delete: named ones and members of deleted groups, without ids that the same delivery adds. Or why there is too much to change. */
export function idsToDelete(
  store: HeadStore,
  source: string,
  { examples, deletes, deletedGroups }: Pick<DeliveredChanges, "examples" | "deletes" | "deletedGroups">,
): readonly string[] | DeliveryReason {
  const members = membersToDelete(store, source, deletedGroups);
  if (!members) return TOO_MANY_DELETIONS;
  const added = new Set(examples.map(({ id }) => id));
  const ids = [...new Set([...deletes.map(({ name }) => name), ...members])].filter((id) => !added.has(id));
  if (ids.length > LIMITS.deletionsPerDelivery) return TOO_MANY_DELETIONS;
  return store.examples.labelsOf([...ids, ...added]) > LIMITS.labelsPerDelivery ? TOO_MANY_LABELS : ids;
}

const exampleIn = ({ examples, deletes }: DeliveredChanges): string | null =>
  examples[0]?.id ?? deletes[0]?.name ?? null;

const TOO_MANY_DELETIONS = {
  code: "too_many_deletions",
  detail: `the delivery names more than ${LIMITS.deletionsPerDelivery} examples to delete, itself or by their group. Delete some of them with DELETE …/examples/{id}, then send or replay the delivery`,
} as const;

const TOO_MANY_LABELS = {
  code: "too_many_label_changes",
  detail: `the examples that the delivery changes or deletes have more than ${LIMITS.labelsPerDelivery} labels together; change fewer at once, or by the API`,
} as const;

/** The effect of a delivery with a bad row. */
export const rejection = ({ code, detail, pointer }: RowProblem, example: string | null): Effect => ({
  outcome: "rejected",
  example,
  changed: 0,
  reason: { code, detail, pointer },
});
