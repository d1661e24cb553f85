// The calls for a head's sources and their deliveries.
import type { SourceRpc } from "../../../src/contract/source-rpc.ts";
import type { Calls } from "../../kit/calls.ts";
import { inboxOf, redactDelivery, showDelivery, sourceOrFault } from "../inbox.ts";
import { commitDelivery } from "../sources/delivered-changes.ts";
import { openDelivery } from "../sources/deliveries.ts";
import { dryRun } from "../sources/dry-run.ts";
import { deleteSource } from "../sources/removed-sources.ts";
import { reopenDelivery } from "../sources/replay-delivery.ts";
import { createSource, rotateSource, updateSource } from "../sources/sources.ts";
import { showSource, viewOfSource } from "../sources/view-source.ts";
import type { HeadTools } from "../tools.ts";

export const sourceCalls: Calls<SourceRpc, keyof SourceRpc, HeadTools> = {
  createSource: ({ store, now }, id, source) => createSource(store, id, source, now()),
  listSources: ({ store, now }, page) => inboxOf(store).sources.list(page, (row) => viewOfSource(row, now())),
  getSource: ({ store, now }, id) => showSource(store, id, now()),
  updateSource,
  deleteSource: (tools, id) => {
    tools.refusals.forget(id);
    return deleteSource(tools, id);
  },
  getRefusals: ({ store, refusals }, id) => {
    sourceOrFault(inboxOf(store), id);
    return refusals.show(id);
  },
  rotateSource: ({ store, now }, id, rotation) => rotateSource(store, id, rotation, now()),
  dryRun,
  openDelivery,
  reopenDelivery,
  commitDelivery,
  listDeliveries: ({ store, turns }, source, query) => {
    const inbox = inboxOf(store);
    sourceOrFault(inbox, source);
    return inbox.deliveries.list(source, query, turns);
  },
  getDelivery: ({ store }, source, id) => showDelivery(store, source, id),
  redactDelivery: ({ store }, source, id) => redactDelivery(store, source, id),
};
