// Sources with many deliveries: they are deleted, listed and redacted in small parts.
import { expect, it } from "vitest";
import { inboxOf } from "../../../../durable/head/inbox.ts";
import { forgetRemovedSources, noteRemoved } from "../../../../durable/head/sources/removed-sources.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import { keepUp } from "../../../../durable/head/upkeep.ts";
import type { SourceRpc } from "../../../../src/contract/source-rpc.ts";
import { DAY_MS } from "../../../../src/core/clock.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import { unwrap } from "../../../../src/core/problems.ts";
import { Turns } from "../../../../src/core/turns.ts";
import { inObject, makeHead, type TestHead } from "../../../support/objects.ts";

const MANY = 5_000;
const [SOURCE, OTHER] = ["src_one", "src_other"] as const;

async function makeInbox(): Promise<{ head: TestHead; rpc: SourceRpc }> {
  const head = await makeHead();
  const rpc = head.rpc as unknown as SourceRpc;
  const source = { scheme: "standard-webhooks", action: "add", mapping: { text: "/text", label: "/label" } } as const;
  for (const id of [SOURCE, OTHER]) unwrap(await rpc.createSource(id, source));
  await withStore(head, fill);
  return { head, rpc };
}

const withStore = (head: TestHead, work: (store: HeadStore) => void | Promise<void>): Promise<void> =>
  inObject(head.name, (storage) => {
    const store = openHeadStore(storage);
    if (!store) throw new Error("The head was made");
    return work(store);
  });

/** Deliveries of both sources, every thousandth of which failed; groups and tombstones of groups. */
function fill({ storage: { sql } }: HeadStore): void {
  const numbers = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 1)";
  for (const source of [SOURCE, OTHER]) {
    sql.exec(
      `INSERT INTO deliveries (source, id, outcome, attempts, bytes, received_at, payload) ${numbers}
       SELECT ?1, 'd' || i, iif(i % 1000 = 7, 'unmappable', 'added'), 1, 1, ?3, iif(i % 1000 = 7, x'01', NULL) FROM n`,
      source,
      MANY,
      Date.now(),
    );
    sql.exec(`INSERT INTO example_groups ${numbers} SELECT ?1, 'e' || i, 'g' FROM n`, source, MANY);
    const buried = `INSERT INTO tombstones (source, name, position, deleted_at) ${numbers} SELECT ?1, 'g' || i, 't', 0 FROM n`;
    sql.exec(buried, source, MANY);
  }
}

const TABLES = ["deliveries", "example_groups", "tombstones"] as const;
const countsOf = ({ storage: { sql } }: HeadStore, source: string): number[] =>
  TABLES.map((table) => sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE source = ?`, source).one().n);
const hasAlarm = ({ alarms }: HeadStore): boolean => alarms.due(Date.now() + DAY_MS).includes("removed_sources");

it("the deletion of a source deletes all its data, and none of another source", async () => {
  const { head, rpc } = await makeInbox();
  unwrap(await rpc.deleteSource(SOURCE));
  expect(await rpc.getSource(SOURCE)).toMatchObject({ ok: false, fault: { code: "not_found" } });
  await withStore(head, (store) => {
    expect(countsOf(store, SOURCE)).toEqual([0, 0, 0]);
    expect(countsOf(store, OTHER)).toEqual([MANY, MANY, MANY]);
    expect(hasAlarm(store)).toBe(false);
  });
});

it("an interrupted deletion of a source continues in its alarm", async () => {
  const { head } = await makeInbox();
  await withStore(head, async (store) => {
    noteRemoved(store, SOURCE, Date.now());
    forgetRemovedSources(store).next();
    expect(inboxOf(store).sources.get(SOURCE)).toBeNull();
    expect(countsOf(store, SOURCE)[0]).toBeGreaterThan(0);
    expect(hasAlarm(store)).toBe(true);
    let turns = 0;
    const turn = async (): Promise<void> => void turns++;
    await keepUp(store, ["removed_sources"], { now: Date.now(), bucket: null, turns: new Turns(1, turn) });
    expect(turns).toBeGreaterThan(20);
    expect(countsOf(store, SOURCE)).toEqual([0, 0, 0]);
    expect(hasAlarm(store)).toBe(false);
  });
});

it("the list of deliveries with an outcome is complete, page by page, however many others lie between", async () => {
  const { rpc } = await makeInbox();
  const found: string[] = [];
  for (let after: string | undefined, more = true; more; ) {
    const page = unwrap(await rpc.listDeliveries(SOURCE, { outcome: "unmappable", limit: 2, after }));
    found.push(...page.data.map(({ id }) => id));
    [after, more] = [page.next ?? undefined, page.has_more];
  }
  expect(found).toEqual(["d4007", "d3007", "d2007", "d1007", "d7"]);
  const none = unwrap(await rpc.listDeliveries(SOURCE, { outcome: "rejected" }));
  expect(none).toEqual({ data: [], has_more: false, next: null });
});

it("the redaction of a source removes every payload of it, and none of another source", async () => {
  const { rpc } = await makeInbox();
  expect(unwrap(await rpc.updateSource(SOURCE, { redact: true }))).toMatchObject({ redact: true });
  const replayable = async (source: string) =>
    unwrap(await rpc.listDeliveries(source, { outcome: "unmappable" })).data.map((row) => row.replayable);
  expect(await replayable(SOURCE)).toEqual([false, false, false, false, false]);
  expect(await replayable(OTHER)).toEqual([true, true, true, true, true]);
});

it("expired deliveries are deleted in small parts, so that no next delivery is delayed for long", async () => {
  const { head } = await makeInbox();
  await withStore(head, (store) => {
    const { deliveries } = inboxOf(store);
    const now = Date.now() + (LIMITS.deliveryDays + 1) * DAY_MS;
    const row = { source: SOURCE, signed: null, outcome: "added", reason: null, example: null, changes: null } as const;
    const put = (id: string): void => deliveries.put({ ...row, id, job: null, bytes: 1, receivedAt: now, kept: null });
    put("new");
    const left = countsOf(store, SOURCE)[0] as number;
    expect(left).toBeGreaterThan(MANY - 100);
    expect(left).toBeLessThan(MANY);
    for (let i = 0; i < 2 * MANY; i += 10) put(`new ${i}`);
    expect(countsOf(store, OTHER)[0]).toBe(0);
  });
});
