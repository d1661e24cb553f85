// The examples that a delivery deletes, by their ids or by their groups, and how many it may.
import type { DeliveryReason } from "../../../src/contract/mapping.ts";
import type { DeliveredChanges } from "../../../src/contract/source-rpc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { membersToDelete } from "../examples/event-order.ts";
import type { HeadStore } from "../store.ts";

/**
 * The ids to delete: named ones and members of deleted groups, without ids that the same delivery adds. A reason if the delivery
 * changes too much.
 */
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

const TOO_MANY_DELETIONS = {
  code: "too_many_deletions",
  detail: `the delivery deletes more than ${LIMITS.deletionsPerDelivery} examples, by id or by group. Delete some of them with DELETE …/examples/{id}, then send or replay the delivery`,
} as const;

const TOO_MANY_LABELS = {
  code: "too_many_label_changes",
  detail: `the examples that the delivery changes or deletes have more than ${LIMITS.labelsPerDelivery} labels together; change fewer at once, or by the API`,
} as const;
