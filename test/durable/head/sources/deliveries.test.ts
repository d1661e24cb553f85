// Storage of deliveries: one transaction with their effect, a pending training, and the payloads of failures.
import { describe, expect, it } from "vitest";
import { inboxOf } from "../../../../durable/head/inbox.ts";
import { settleDelivery } from "../../../../durable/head/sources/settle-delivery.ts";
import { openHeadStore } from "../../../../durable/head/store.ts";
import { type DeliveryRow, DeliveryTable } from "../../../../durable/tables/deliveries.ts";
import {
  DELIVERIES_SCHEMA,
  DELIVERIES_SIGNED,
  DELIVERY_DETAILS_SCHEMA,
} from "../../../../durable/tables/source-schemas.ts";
import type { OpenedDelivery, SourceRpc } from "../../../../src/contract/source-rpc.ts";
import type { CreatedSource, NewSource } from "../../../../src/contract/sources.ts";
import { utf8 } from "../../../../src/core/bytes.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import { type Outcome, unwrap } from "../../../../src/core/problems.ts";
import { append, inFreshObject, inObject, makeHead, type TestHead } from "../../../support/objects.ts";
import { standardHeaders } from "../../../support/signing.ts";

const QUOTA = 1_000;
const SOURCE: NewSource = {
  scheme: "standard-webhooks",
  action: "add_and_train",
  mapping: { text: "/text", label: "/label" },
};

interface Inbox {
  readonly head: TestHead;
  readonly rpc: SourceRpc;
  readonly source: CreatedSource;
}

async function makeInbox(source: NewSource = SOURCE): Promise<Inbox> {
  const head = await makeHead();
  const rpc = head.rpc as unknown as SourceRpc;
  return { head, rpc, source: unwrap(await rpc.createSource("src_one", source)) };
}

function open({ rpc, source }: Inbox, payload: unknown, id: string): Promise<Outcome<OpenedDelivery>> {
  const body = JSON.stringify(payload);
  const headers = Object.entries(standardHeaders(source.secret, body, Date.now(), id));
  return rpc.openDelivery(source.id, { headers, body: utf8(body) }, QUOTA);
}

const TRAINABLE = ["a", "a", "b", "b"].map((label, i) => ({ id: `row-${i}`, label }));
const row = (id: string, more: Partial<DeliveryRow> = {}): DeliveryRow => ({
  source: "src_one",
  id,
  signed: null,
  outcome: "added",
  reason: null,
  example: null,
  changes: null,
  job: null,
  bytes: 2,
  receivedAt: Date.now(),
  ...more,
});

describe("a delivery and its effect", () => {
  it("are written together or not at all", async () => {
    const { head } = await makeInbox();
    await append(head, TRAINABLE);
    await inObject(head.name, async (storage) => {
      const store = openHeadStore(storage);
      if (!store) throw new Error("The head was made");
      const arrival = { source: "src_one", id: "cut short", signed: null, request: null, now: Date.now() };
      const dies = settleDelivery(store, arrival, () => {
        store.examples.remove(["row-0"]);
        throw new Error("the machine stops here");
      });
      await expect(dies).rejects.toThrow("the machine stops here");
      expect(inboxOf(store).deliveries.get("src_one", "cut short")).toBeNull();
      expect(store.examples.get("row-0")).not.toBeNull();
    });
  });

  it("request their training in the same transaction", async () => {
    const { head } = await makeInbox();
    await append(head, TRAINABLE);
    await inObject(head.name, async (storage) => {
      const store = openHeadStore(storage);
      if (!store) throw new Error("The head was made");
      const full = () =>
        storage.sql.exec("CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE (ABORT, 'full'); END");
      const asks = () => ({ outcome: "training", changed: 0, trains: true }) as const;
      full();
      await expect(
        settleDelivery(store, { source: "src_one", id: "m1", signed: null, request: null, now: Date.now() }, asks),
      ).rejects.toThrow("full");
      expect(store.jobs.open()).toBeNull();
      storage.sql.exec("DROP TRIGGER full");
      const answer = await settleDelivery(
        store,
        { source: "src_one", id: "m1", signed: null, request: null, now: Date.now() },
        asks,
      );
      expect(answer).toEqual({ delivery: "m1", outcome: "training", job: store.jobs.open()?.id });
    });
  });

  it("have no effect if the source is deleted while its input is embedded", async () => {
    const inbox = await makeInbox();
    const opened = unwrap(await open(inbox, { text: "x", label: "a" }, "m1"));
    if (!("changes" in opened)) throw new Error("It is to be embedded");
    unwrap(await inbox.rpc.deleteSource(inbox.source.id));
    const digests = opened.inputs.map(({ digest }) => digest);
    const features = { digests, values: new Float32Array(inbox.head.dims) };
    const commit = {
      delivery: opened.delivery,
      signed: opened.signed,
      changes: opened.changes,
      features,
      request: null,
    };
    expect(await inbox.rpc.commitDelivery(inbox.source.id, commit, QUOTA)).toMatchObject({
      fault: { code: "not_found" },
    });
    expect(unwrap(await inbox.head.rpc.listExamples({})).data).toEqual([]);
  });
});

it("a source that was created before some settings existed works with their defaults", async () => {
  const inbox = await makeInbox();
  const { scheme, action, mapping } = SOURCE;
  const old = { scheme, action, mapping, preset: null, hmac: null, redact: false, description: null };
  await inObject(inbox.head.name, ({ sql }) => {
    sql.exec("UPDATE sources SET settings = ?", JSON.stringify(old));
  });
  expect(unwrap(await inbox.rpc.getSource(inbox.source.id))).toMatchObject({ mapping, from_name: null, token: null });
  expect(unwrap(await open(inbox, { text: "x", label: "a" }, "m1"))).toMatchObject({
    inputs: [{ input: { text: "x" } }],
  });
  const labelStudio = JSON.stringify({ ...old, mapping: null, preset: "label-studio" });
  await inObject(inbox.head.name, ({ sql }) => {
    sql.exec("UPDATE sources SET settings = ?", labelStudio);
  });
  const annotation = { id: 1, task: 2, result: [{ from_name: "c", value: { choices: ["a"] } }] };
  const event = { action: "ANNOTATION_CREATED", annotation, task: { id: 2, data: { text: "y" } } };
  expect(unwrap(await open(inbox, event, "m2"))).toMatchObject({ changes: { examples: [{ id: "1" }], groups: ["2"] } });
});

describe("a source that fails", () => {
  const failingEvents = ({ head }: Inbox) =>
    inObject(head.name, ({ sql }) => {
      const query = "SELECT data FROM outbox WHERE type = 'source.failing'";
      return sql
        .exec<{ data: string }>(query)
        .toArray()
        .map(({ data }) => JSON.parse(data) as unknown);
    });
  const fail = async (inbox: Inbox, from: number, times: number): Promise<void> => {
    for (let i = from; i < from + times; i++) await open(inbox, {}, `m${i}`);
  };

  it("is reported once at its twentieth consecutive failure, and again only after a success; ignored deliveries are neither", async () => {
    const inbox = await makeInbox({
      scheme: "standard-webhooks",
      action: "add",
      mapping: [
        { when: { "/gone": true }, delete_when: {}, id: "/id" },
        { text: "/text", label: "/label", when: { "/skip": null } },
      ],
    });
    const told = { head: "head", source: inbox.source.id };
    await fail(inbox, 0, LIMITS.failuresBeforeEvent - 1);
    expect(await failingEvents(inbox)).toEqual([]);
    await fail(inbox, 100, 5);
    expect(await failingEvents(inbox)).toEqual([told]);
    expect(unwrap(await open(inbox, { skip: true }, "other"))).toMatchObject({ answer: { outcome: "ignored" } });
    await fail(inbox, 200, LIMITS.failuresBeforeEvent);
    expect(await failingEvents(inbox)).toEqual([told]);
    expect(unwrap(await open(inbox, { id: "gone", gone: true }, "good"))).toMatchObject({
      answer: { outcome: "unchanged" },
    });
    await fail(inbox, 300, LIMITS.failuresBeforeEvent);
    expect(await failingEvents(inbox)).toEqual([told, told]);
  });

  it("is not reported for forged deliveries, which leave no row", async () => {
    const inbox = await makeInbox();
    const source = unwrap(await inbox.rpc.getSource(inbox.source.id));
    for (let i = 0; i < LIMITS.failuresBeforeEvent + 5; i++) {
      const body = utf8("{}");
      expect(await inbox.rpc.openDelivery(inbox.source.id, { headers: [], body }, QUOTA)).toMatchObject({ ok: false });
    }
    expect(await failingEvents(inbox)).toEqual([]);
    expect(unwrap(await inbox.rpc.getSource(inbox.source.id))).toEqual(source);
    expect(unwrap(await inbox.rpc.listDeliveries(inbox.source.id, {})).data).toEqual([]);
    expect(unwrap(await inbox.rpc.getRefusals(inbox.source.id))).toMatchObject({
      count: LIMITS.failuresBeforeEvent + 5,
    });
  });
});

describe("stored deliveries", () => {
  const withTable = (work: (table: DeliveryTable, sql: SqlStorage) => void): Promise<void> =>
    inFreshObject(({ sql }) => {
      sql.exec(DELIVERIES_SCHEMA + DELIVERIES_SIGNED + DELIVERY_DETAILS_SCHEMA);
      work(new DeliveryTable(sql), sql);
    });
  const failed = (id: string, bytes: number, receivedAt = Date.now()) =>
    row(id, { outcome: "unmappable", kept: { body: new Uint8Array(bytes), headers: [] }, receivedAt });

  it("expire after the configured days", () =>
    withTable((table) => {
      const now = Date.now();
      table.put(row("old", { receivedAt: now - (LIMITS.deliveryDays * 86_400_000 + 1) }));
      table.put(row("new", { receivedAt: now }));
      expect([table.get("src_one", "old"), table.get("src_one", "new")?.id]).toEqual([null, "new"]);
    }));

  it("lose their oldest payloads, but no rows, above the limit of bytes", () =>
    withTable((table) => {
      const megabytes = LIMITS.deliveryPayloadBytes / LIMITS.hookBodyBytes;
      for (let i = 0; i < megabytes + 2; i++) table.put(failed(`d${i}`, LIMITS.hookBodyBytes));
      const kept = [0, 1, 2, 3].map((i) => table.get("src_one", `d${i}`)?.replayable);
      expect(kept).toEqual([false, false, true, true]);
    }));

  it("lose their payload as soon as they succeed", () =>
    withTable((table) => {
      table.put(failed("d", 9));
      expect(table.kept("src_one", "d")?.body.byteLength).toBe(9);
      table.put(row("d", { kept: null }));
      expect([table.kept("src_one", "d"), table.get("src_one", "d")?.attempts]).toEqual([null, 2]);
    }));
});
