// Drops changes of a delivery that are older than events the head has applied, and stores the positions of those it applies.
// Call these functions in the transaction that applies the changes.
import type { DeliveryReason, MappedDeletion, Position } from "../../../src/contract/mapping.ts";
import type { DeliveredChanges } from "../../../src/contract/source-rpc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { isOlder, positionAt, positionOfDeletion } from "../../../src/webhooks/order.ts";
import type { PlacedName } from "../../tables/example-orders.ts";
import { inboxOf } from "../inbox.ts";
import type { HeadStore } from "../store.ts";

export interface CurrentChanges extends DeliveredChanges {
  /** Number of changes dropped because a newer one was applied before. */
  readonly stale: number;
}

/** The changes without those that are older than the last event about their example, or than the deletion of its group. */
export function withoutStale(store: HeadStore, source: string, changes: DeliveredChanges): CurrentChanges {
  const { orders } = inboxOf(store);
  const { examples, groups, deletes, deletedGroups } = changes;
  const ordered = examples.flatMap(({ id }, i) => (changes.positions[i] ? [{ id, group: groups[i] ?? null }] : []));
  const known = orders.positionsOf([...ordered.map(({ id }) => id), ...namesOf(deletes)]);
  const named = ordered.flatMap(({ group }) => (group === null ? [] : [group]));
  const deleted = orders.deletedGroups(source, [...named, ...namesOf(deletedGroups)]);
  const kept = examples.flatMap(({ id }, i) => {
    const position = changes.positions[i] ?? null;
    if (isPast(position, known.get(id)) || isPast(position, deleted.get(groups[i] ?? ""))) return [];
    if (position !== null) known.set(id, position); // a later example of the same delivery may be older
    return [i];
  });
  const current = {
    examples: kept.map((i) => examples[i] as (typeof examples)[number]),
    groups: kept.map((i) => groups[i] ?? null),
    positions: kept.map((i) => changes.positions[i] ?? null),
    deletes: deletes.filter(({ name, position = null }) => !isPast(position, known.get(name))),
    deletedGroups: deletedGroups.filter(({ name, position = null }) => !isPast(position, deleted.get(name))),
  };
  return { ...changes, ...current, stale: countOf(changes) - countOf(current) };
}

/** Names of deletions that carry a position; only these are compared. */
const namesOf = (deletions: readonly MappedDeletion[]): string[] =>
  deletions.flatMap(({ name, position }) => (position ? [name] : []));

const isPast = (position: Position | null, last: Position | undefined): boolean =>
  position !== null && last !== undefined && isOlder(position, last);

export const countOf = ({
  examples,
  deletes,
  deletedGroups,
}: Pick<DeliveredChanges, "examples" | "deletes" | "deletedGroups">): number =>
  examples.length + deletes.length + deletedGroups.length;

/** The reason for dropped changes; null if none was dropped. */
export function lateReason(asked: DeliveredChanges, { stale }: CurrentChanges): DeliveryReason | null {
  if (stale === 0) return null;
  const of = countOf(asked);
  const what = of === 1 ? "The event is" : `${stale} of ${of} events are`;
  const effect = of === 1 ? "changes" : "change";
  return { code: "stale", detail: `${what} older than the last one about the same example, and ${effect} nothing` };
}

/**
 * Members of deleted groups, without examples that have a newer event than the deletion. null: the groups have too many members.
 */
export function membersToDelete(
  store: HeadStore,
  source: string,
  deleted: readonly MappedDeletion[],
): readonly string[] | null {
  if (deleted.length === 0) return [];
  const { groups, orders } = inboxOf(store);
  const byName = Map.groupBy(deleted, ({ name }) => name);
  const members = groups.members(source, [...byName.keys()], LIMITS.deletionsPerDelivery + 1);
  if (members.length > LIMITS.deletionsPerDelivery) return null;
  const known = orders.positionsOf(members.map(({ example }) => example));
  const isCurrent = ({ example, name }: (typeof members)[number]): boolean =>
    byName.get(name)?.some(({ position = null }) => !isPast(position, known.get(example))) === true;
  return members.filter(isCurrent).map(({ example }) => example);
}

/** Stores the positions of applied changes. A deletion without a time from its sender gets the time of arrival. */
export function remember(store: HeadStore, source: string, changes: DeliveredChanges, now: number): void {
  const { orders } = inboxOf(store);
  const { examples, deletes, deletedGroups } = changes;
  orders.put(examples.flatMap(({ id }, i): PlacedName[] => placed(id, changes.positions[i])));
  const added = new Set(examples.map(({ id }) => id));
  const deleted = deletes.filter(({ name, position }) => position !== undefined && !added.has(name));
  const last = orders.positionsOf(deleted.map(({ name }) => name));
  const at = ({ name, position }: MappedDeletion) => position ?? positionOfDeletion(last.get(name) ?? null, now);
  orders.buryExamples(
    deleted.map((deletion) => [deletion.name, at(deletion)]),
    now,
  );
  const groups = deletedGroups.filter(({ position }) => position !== undefined);
  orders.buryGroups(
    source,
    groups.map(({ name, position }) => [name, position ?? positionAt(now)]),
    now,
  );
}

const placed = (name: string, position: Position | null | undefined): PlacedName[] =>
  position ? [[name, position]] : [];

/**
 * Deletes examples, and writes tombstones for those whose events have an order: an older event must not restore them. Returns
 * the examples that existed.
 */
export function removeInOrder(store: HeadStore, ids: readonly string[], now: number) {
  const { orders } = inboxOf(store);
  const last = orders.positionsOf(ids); // read first: the position of an example is deleted with it
  const removed = store.examples.remove(ids);
  const buried = removed.flatMap(({ id }) => placed(id, last.get(id)));
  orders.buryExamples(
    buried.map(([id, position]) => [id, positionOfDeletion(position, now)]),
    now,
  );
  return removed;
}
