// The tables of a head's sources and deliveries, and the properties of the head that mapping rules check against.
import type { RowRules } from "../../src/backbones/example-row.ts";
import type { DeliveryDetail, DeliveryView } from "../../src/contract/deliveries.ts";
import { Fault } from "../../src/core/problems.ts";
import type { MappedHead } from "../../src/webhooks/presets.ts";
import { DeliveryTable } from "../tables/deliveries.ts";
import { ExampleGroupTable } from "../tables/example-groups.ts";
import { ExampleOrderTable } from "../tables/example-orders.ts";
import { type SourceRow, SourceTable } from "../tables/sources.ts";
import { ownBackbone } from "./head-backbone.ts";
import type { HeadStore } from "./store.ts";

export type { MappedHead };

export interface Inbox {
  readonly sources: SourceTable;
  readonly deliveries: DeliveryTable;
  readonly groups: ExampleGroupTable;
  readonly orders: ExampleOrderTable;
}

export const inboxOf = ({ storage: { sql } }: HeadStore): Inbox => ({
  sources: new SourceTable(sql),
  deliveries: new DeliveryTable(sql),
  groups: new ExampleGroupTable(sql),
  orders: new ExampleOrderTable(sql),
});

export function sourceOrFault({ sources }: Inbox, id: string): SourceRow {
  const row = sources.get(id);
  if (!row) throw new Fault("not_found", `There is no source "${id}" in this head`);
  return row;
}

/** The rules that every row of this head must meet. */
export const rowRulesOf = async (store: HeadStore): Promise<RowRules> => ({
  task: store.config.task,
  backbone: await ownBackbone(store),
  dimension: store.config.backbone.dimension,
});

export const mappedHeadOf = async ({ config: { task }, backbone }: HeadStore): Promise<MappedHead> => ({
  task,
  modality: (await backbone()).modality,
});

export function deliveryOrFault(store: HeadStore, source: string, id: string): DeliveryView {
  const inbox = inboxOf(store);
  sourceOrFault(inbox, source);
  const row = inbox.deliveries.get(source, id);
  if (!row) throw new Fault("not_found", `There is no delivery "${id}" of this source`);
  return row;
}

export function showDelivery(store: HeadStore, source: string, id: string): DeliveryDetail {
  const row = deliveryOrFault(store, source, id);
  const kept = inboxOf(store).deliveries.kept(source, id);
  return {
    ...row,
    payload: kept && new TextDecoder().decode(kept.body),
    headers: kept && Object.fromEntries(kept.headers),
  };
}

export function redactDelivery(store: HeadStore, source: string, id: string): DeliveryView {
  deliveryOrFault(store, source, id);
  inboxOf(store).deliveries.redact(source, id);
  return deliveryOrFault(store, source, id);
}
