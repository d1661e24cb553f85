// The order of events in storage: it is decided and written together with the effect. The number of tombstones is limited.
import { describe, expect, it } from "vitest";
import { apply } from "../../../../durable/head/sources/apply-changes.ts";
import { settleDelivery } from "../../../../durable/head/sources/settle-delivery.ts";
import { openHeadStore } from "../../../../durable/head/store.ts";
import { ExampleOrderTable } from "../../../../durable/tables/example-orders.ts";
import type { Position } from "../../../../src/contract/mapping.ts";
import type { OpenedDelivery, SourceRpc } from "../../../../src/contract/source-rpc.ts";
import type { CreatedSource } from "../../../../src/contract/sources.ts";
import { utf8 } from "../../../../src/core/bytes.ts";
import { DAY_MS } from "../../../../src/core/clock.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { positionOf } from "../../../../src/webhooks/order.ts";
import { inObject, makeHead, type TestHead } from "../../../support/objects.ts";
import { standardHeaders } from "../../../support/signing.ts";

const QUOTA = 1_000;

interface Inbox {
  readonly head: TestHead;
  readonly rpc: SourceRpc;
  readonly source: CreatedSource;
}

async function makeInbox(): Promise<Inbox> {
  const head = await makeHead();
  const rpc = head.rpc as unknown as SourceRpc;
  const mapping = { text: "/text", label: "/label", id: "/id", order: "/at", delete_when: { "/gone": true } };
  const source = { scheme: "standard-webhooks", action: "add", mapping } as const;
  return { head, rpc, source: unwrap(await rpc.createSource("src_one", source)) };
}

async function open({ rpc, source }: Inbox, payload: object): Promise<OpenedDelivery> {
  const body = JSON.stringify({ id: "a", text: "x", label: "l", ...payload });
  const headers = Object.entries(standardHeaders(source.secret, body));
  return unwrap(await rpc.openDelivery(source.id, { headers, body: utf8(body) }, QUOTA));
}

/** The Worker's part of a delivery: it embeds the inputs of an opened delivery and commits it. */
async function commit({ head, rpc, source }: Inbox, opened: OpenedDelivery) {
  if ("answer" in opened) return opened.answer;
  const digests = opened.inputs.map(({ digest }) => digest);
  const features = { digests, values: new Float32Array(head.dims * digests.length) };
  const { delivery, signed, changes } = opened;
  return unwrap(await rpc.commitDelivery(source.id, { delivery, signed, changes, features, request: null }, QUOTA));
}

describe("an event that was opened before a newer one", () => {
  it("changes nothing when it is committed after the newer one", async () => {
    const inbox = await makeInbox();
    const older = await open(inbox, { at: 1, text: "older" });
    expect(await commit(inbox, await open(inbox, { at: 2, text: "newer" }))).toMatchObject({ outcome: "added" });
    expect(await commit(inbox, older)).toMatchObject({ outcome: "ignored", reason: { code: "stale" } });
    expect(unwrap(await inbox.head.rpc.listExamples({})).data).toMatchObject([{ id: "a", text: "newer" }]);
  });

  it("does not restore an example that was deleted in the meantime", async () => {
    const inbox = await makeInbox();
    const older = await open(inbox, { at: 1 });
    expect(await commit(inbox, await open(inbox, { at: 2, gone: true }))).toMatchObject({ outcome: "unchanged" });
    expect(await commit(inbox, older)).toMatchObject({ outcome: "ignored", reason: { code: "stale" } });
    expect(unwrap(await inbox.head.rpc.listExamples({})).data).toEqual([]);
  });
});

it("the order of an event is written together with its effect or not at all, so an interrupted event can be sent again", async () => {
  const inbox = await makeInbox();
  await commit(inbox, await open(inbox, { at: 1 }));
  await inObject(inbox.head.name, async (storage) => {
    const store = openHeadStore(storage);
    if (!store) throw new Error("The head was made");
    const deletes = [{ name: "a", position: positionOf("6") }];
    const changes = { examples: [], groups: [], positions: [], deletes, deletedGroups: [], reason: null };
    const features = { digests: [], values: new Float32Array() };
    const application = { changes, features, put: new Map(), examplesQuota: QUOTA };
    const arrival = { source: "src_one", id: "cut short", signed: null, request: null, now: Date.now() };
    storage.sql.exec("CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE (ABORT, 'full'); END");
    const dies = settleDelivery(store, arrival, (settings) => apply(store, settings, application, arrival));
    await expect(dies).rejects.toThrow("full");
    storage.sql.exec("DROP TRIGGER full");
  });
  expect(await open(inbox, { at: 2, label: "between" })).toMatchObject({ answer: { outcome: "updated" } });
  expect(await open(inbox, { at: 3, gone: true })).toMatchObject({ answer: { outcome: "deleted" } });
  const rows = await inObject(inbox.head.name, ({ sql }) => ({
    orders: sql.exec("SELECT example FROM example_orders").toArray(),
    tombstones: sql.exec("SELECT name, position FROM tombstones").toArray(),
  }));
  expect(rows).toEqual({ orders: [], tombstones: [{ name: "a", position: positionOf("3") }] });
});

describe("tombstones", () => {
  const at = (number: number) => positionOf(String(number)) as Position;
  const withTable = async (work: (table: ExampleOrderTable, sql: SqlStorage) => void): Promise<void> => {
    const { head } = await makeInbox();
    await inObject(head.name, (storage) => {
      openHeadStore(storage);
      work(new ExampleOrderTable(storage.sql), storage.sql);
    });
  };
  const count = (sql: SqlStorage): number => sql.exec<{ n: number }>("SELECT count(*) AS n FROM tombstones").one().n;

  it("expire after the configured days", () =>
    withTable((table, sql) => {
      const now = Date.now();
      table.buryExamples([["old", at(1)]], now - LIMITS.tombstoneDays * DAY_MS - 1);
      table.buryExamples([["new", at(1)]], now);
      expect([...table.positionsOf(["old", "new"]).keys()]).toEqual(["new"]);
      expect(count(sql)).toBe(1);
    }));

  it("are limited in number: the oldest are deleted first, and another deletion renews one", () =>
    withTable((table, sql) => {
      const many = `INSERT INTO tombstones (source, name, position, deleted_at)
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT '', 'e' || i, ?, ? FROM n`;
      sql.exec(many, LIMITS.tombstonesKept - 1, at(1), Date.now());
      table.buryExamples([["e0", at(2)]], Date.now());
      table.buryExamples([["last", at(1)]], Date.now());
      expect(count(sql)).toBeLessThanOrEqual(LIMITS.tombstonesKept);
      expect([...table.positionsOf(["e0", "e1", "e2", "last"]).keys()].sort()).toEqual(["e0", "e2", "last"]);
    }));

  it("belong to one source if they are of groups, and are deleted with the source", () =>
    withTable((table, sql) => {
      table.buryGroups("src_one", [["task", at(1)]], Date.now());
      table.buryExamples([["task", at(2)]], Date.now());
      expect([...table.deletedGroups("src_two", ["task"])]).toEqual([]);
      expect([...table.deletedGroups("src_one", ["task"])]).toEqual([["task", at(1)]]);
      expect([...table.removeInTurns("src_one")].length).toBe(1);
      expect([...table.positionsOf(["task"])]).toEqual([["task", at(2)]]);
      expect(count(sql)).toBe(1);
    }));
});
