// Deliveries over their attempts, and after a runtime that dies during one.
import { expect, it } from "vitest";
import {
  type AttemptResult,
  DELIVERIES_OUT_SCHEMA,
  OutboundDeliveryTable,
} from "../../../durable/tables/deliveries-out.ts";
import { DELIVERY } from "../../../src/core/limits.ts";
import { inFreshObject } from "../../support/objects.ts";

const NOW = 1_000_000_000_000;
const withTable = (work: (table: OutboundDeliveryTable, sql: SqlStorage) => void): Promise<void> =>
  inFreshObject(({ sql }) => {
    sql.exec(DELIVERIES_OUT_SCHEMA);
    work(new OutboundDeliveryTable(sql), sql);
  });

const delivery = (event: string, endpoint = "ep_1") => ({
  id: `dlv_${event}_${endpoint}`,
  endpoint,
  event,
  type: "job.failed",
  body: "{}",
});
const failed = (dueAt: number | null): AttemptResult => ({
  status: dueAt === null ? "failed" : "pending",
  dueAt,
  code: 500,
  answer: "",
  error: null,
  durationMs: 1,
});

it("each delivery is given to one sender, in the order of due times, and not before its time", () =>
  withTable((table) => {
    for (const [i, event] of ["a", "b", "c"].entries()) table.add(delivery(event), NOW + i);
    table.add(delivery("a"), NOW - 9); // already there: changes nothing
    expect(table.dueAt("ep_1")).toBe(NOW);
    const claimed = [1, 2, 3].map(() => table.claim("ep_1", NOW + 1)?.event);
    expect(claimed).toEqual(["a", "b", undefined]);
    expect(table.claim("ep_2", NOW + 9)).toBeNull();
  }));

it("an attempt counts if it has a result, but not if the runtime was killed during it", () =>
  withTable((table) => {
    table.add(delivery("a"), NOW);
    table.claim("ep_1", NOW);
    table.release(NOW + 5);
    expect(table.claim("ep_1", NOW + 5)).toMatchObject({ event: "a", attempts: 0 });
    table.settle("dlv_a_ep_1", failed(NOW + 60));
    table.release(NOW + 6);
    expect(table.dueAt("ep_1")).toBe(NOW + 60);
    expect(table.claim("ep_1", NOW + 60)).toMatchObject({ attempts: 1 });
  }));

it("a delivery that is sent again starts at its first attempt, unless it is being sent", () =>
  withTable((table) => {
    table.add(delivery("a"), NOW);
    table.claim("ep_1", NOW);
    table.again("dlv_a_ep_1", NOW);
    expect(table.claim("ep_1", NOW)).toBeNull();
    table.settle("dlv_a_ep_1", failed(null));
    table.again("dlv_a_ep_1", NOW + 1);
    expect(table.claim("ep_1", NOW + 1)).toMatchObject({ event: "a", attempts: 0 });
  }));

it("deliveries are deleted if they are too old, and finished ones also above the limit", () =>
  withTable((table, sql) => {
    table.add(delivery("old"), NOW - DELIVERY.daysKept * 86_400_000 - 1);
    table.add(delivery("over"), NOW);
    table.add(delivery("waiting"), NOW);
    table.settle("dlv_over_ep_1", failed(null));
    sql.exec("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'deliveries_out'", DELIVERY.kept);
    table.add(delivery("new"), NOW);
    table.prune(NOW);
    expect(table.list("ep_1", {}).data.map(({ event }) => event)).toEqual(["new", "waiting"]);
  }));
