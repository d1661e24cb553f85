// Drops changes of a delivery that are older than events the head has applied, and stores the positions of those it applies.
// Call these functions in the transaction that applies the changes.
import type { DeliveryReason, MappedDeletion, Position } from "../../src/contract/mapping.ts";
import type { DeliveredChanges } from "../../src/contract/source-rpc.ts";
import { isOlder, positionAt, positionOfDeletion } from "../../src/webhooks/order.ts";
import { inboxOf } from "./inbox.ts";
import type { HeadStore } from "./store.ts";

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

/** The reason for dropped changes; null where none was dropped. */
export function lateReason(asked: DeliveredChanges, { stale }: CurrentChanges): DeliveryReason | null {
  if (stale === 0) return null;
  const of = countOf(asked);
  const what = of === 1 ? "The event is" : `${stale} of ${of} events are`;
  const effect = of === 1 ? "changes" : "change";
  return { code: "stale", detail: `${what} older than the last one about the same example, and ${effect} nothing` };
}

/** Members of deleted groups, without examples that have a newer event than the deletion. */
export function membersToDelete(
  store: HeadStore,
  source: string,
  deleted: readonly MappedDeletion[],
  most: number,
): string[] {
  const { groups, orders } = inboxOf(store);
  return deleted.flatMap(({ name, position = null }) => {
    const members = groups.members(source, [name], most);
    const known = position === null ? new Map<string, Position>() : orders.positionsOf(members);
    return members.filter((id) => !isPast(position, known.get(id)));
  });
}

/** Stores the positions of applied changes. A deletion without a time from its sender gets the time of arrival. */
export function remember(store: HeadStore, source: string, changes: DeliveredChanges, now: number): void {
  const { orders } = inboxOf(store);
  changes.examples.forEach(({ id }, i) => {
    const position = changes.positions[i];
    if (position) orders.put(id, position);
  });
  const added = new Set(changes.examples.map(({ id }) => id));
  const last = orders.positionsOf(changes.deletes.map(({ name }) => name));
  for (const { name, position } of changes.deletes) {
    if (position === undefined || added.has(name)) continue;
    const at = position ?? positionOfDeletion(last.get(name) ?? null, now);
    orders.buryExample(name, at, now);
  }
  for (const { name, position } of changes.deletedGroups)
    if (position !== undefined) orders.buryGroup(source, name, position ?? positionAt(now), now);
}

/** Writes a tombstone for an example that is about to be deleted, if its events have an order: an older event must not restore it. */
export function buryIfOrdered(store: HeadStore, id: string, now: number): void {
  const { orders } = inboxOf(store);
  const last = orders.positionsOf([id]).get(id);
  if (last !== undefined) orders.buryExample(id, positionOfDeletion(last, now), now);
}
