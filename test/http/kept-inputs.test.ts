// Heads that keep no inputs (`keep_inputs`): what they can do, what they refuse and why, and what is deleted when it is turned
// off.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { dropInputs } from "../../durable/head/files/kept-inputs.ts";
import { openHeadStore } from "../../durable/head/store.ts";
import { textRevision3 } from "../../src/backbones/text-embedded.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { Predictions } from "../../src/contract/predict.ts";
import { unwrap } from "../../src/core/problems.ts";
import { Turns } from "../../src/core/turns.ts";
import { nameOfHead } from "../../src/env.ts";
import { registerControlledBackbone } from "../support/guest-backbone.ts";
import {
  DIMENSION,
  featuresOfRevision3,
  identityOfRevision3,
  makeOlderHead,
  replaceService,
  spaceOf,
} from "../support/older-heads.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, must, send, textOf, train, upload } from "../support/service.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

const TENANT = "inputs-kept";
let key = "";
beforeAll(async () => {
  key = (await makeTenant(TENANT)).key;
});

const ROWS = [
  ...["where is my parcel", "the parcel is late", "no parcel came"].map((text) => ({ text, label: "parcel" })),
  ...["refund my money", "I want my money back", "please refund me"].map((text) => ({ text, label: "refund" })),
];
const SOURCE = {
  scheme: "standard-webhooks",
  action: "add",
  mapping: { text: "/text", label: "/label" },
} as const;
const made = (id: string, more = {}): Promise<HeadView> => makeHead(key, id, { backbone: "text-embedded", ...more });
const patch = (id: string, body: object) => call<HeadView>("PATCH", `/v1/heads/${id}`, { key, body });
const texts = async (id: string): Promise<(string | undefined)[]> =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${id}/examples?limit=200`, { key })).data.map(
    ({ text }) => text,
  );
const objectOf = async (id: string) =>
  env.HEADS.getByName(nameOfHead({ tenant: TENANT, space: await spaceOf(TENANT) }, id));
const storedTexts = async (id: string): Promise<number> =>
  runInDurableObject(
    await objectOf(id),
    (_, { storage: { sql } }) => sql.exec("SELECT id FROM inputs WHERE text IS NOT NULL").toArray().length,
  );

/** The functions of a storage that a store uses. */
const boundTo = (storage: DurableObjectStorage) => ({
  setAlarm: storage.setAlarm.bind(storage),
  transactionSync: storage.transactionSync.bind(storage),
});

describe("a head that was created with keep_inputs false", () => {
  beforeAll(async () => {
    expect(await made("none", { keep_inputs: false })).toMatchObject({ keep_inputs: false });
    await upload(key, "none", ROWS);
  });

  it("stores no text, and can be trained and asked like any other head", async () => {
    expect(await storedTexts("none")).toBe(0);
    expect(await texts("none")).toEqual(ROWS.map(() => undefined));
    await train(key, "none");
    const body = { inputs: [{ text: "my parcel is late" }] };
    const { predictions } = await must<Predictions>("POST", "/v1/heads/none/predict", { key, body });
    expect(predictions[0]).toMatchObject({ label: "parcel" });
    expect(await upload(key, "none", ROWS)).toMatchObject({ unchanged: ROWS.length });
  });

  it("exports labels with features, and refuses an export without features, which could not be imported", async () => {
    expectProblem(await call("GET", "/v1/heads/none/examples/export", { key }), 409, "conflict");
    const exported = await textOf(await send("GET", "/v1/heads/none/examples/export?features=true", { key }));
    const rows = exported
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(ROWS.length);
    expect(rows[0]).toMatchObject({ label: "parcel", features: expect.anything() });
    expect(rows[0]).not.toHaveProperty("text");
  });

  it("refuses a search, captures and a prediction log, and gives the reason", async () => {
    for (const answer of [
      await call("GET", "/v1/heads/none/examples?q=parcel", { key }),
      await patch("none", { capture: { rate: 1 } }),
      await patch("none", { log_hours: 1 }),
    ]) {
      expectProblem(answer as never, 409, "conflict");
      expect(answer.text).toContain("keep_inputs");
    }
  });

  it("keeps no payload of a failed delivery", async () => {
    const source = await makeSource(key, "none", SOURCE);
    const failed = await deliver(source, { label: "parcel" });
    expect(failed.status).toBe(422);
    const { data } = await must<{ data: { replayable: boolean }[] }>(
      "GET",
      `/v1/heads/none/sources/${source.id}/deliveries`,
      {
        key,
      },
    );
    expect(data).toMatchObject([{ replayable: false }]);
  });

  it("stores texts again once keep_inputs is on: of new inputs, and of inputs that are uploaded again", async () => {
    expect((await patch("none", { keep_inputs: true })).body).toMatchObject({ keep_inputs: true });
    await upload(key, "none", [{ text: "a new parcel", label: "parcel" }, ROWS[0]]);
    expect(await texts("none")).toEqual(["where is my parcel", ...ROWS.slice(1).map(() => undefined), "a new parcel"]);
    const found = await must<{ data: unknown[] }>("GET", "/v1/heads/none/examples?q=parcel", { key });
    expect(found.data).toHaveLength(2);
  });
});

describe("turning keep_inputs off", () => {
  it("deletes texts and payloads in steps, and keeps features, labels and versions", async () => {
    await made("some");
    const many = Array.from({ length: 300 }, (_, i) => ({ text: `text number ${i}`, label: i % 2 ? "odd" : "even" }));
    await upload(key, "some", many);
    const source = await makeSource(key, "some", SOURCE);
    await deliver(source, { label: "parcel" });
    expect((await patch("some", { keep_inputs: false })).body).toMatchObject({ keep_inputs: false });
    await vi.waitFor(async () => expect(await storedTexts("some")).toBe(0), 5_000);
    const path = `/v1/heads/some/sources/${source.id}/deliveries`;
    await vi.waitFor(async () => {
      expect(await must("GET", path, { key })).toMatchObject({ data: [{ replayable: false }] });
    }, 5_000);
    expect(await upload(key, "some", many)).toMatchObject({ unchanged: 300, features: { computed: 0 } });
  });

  it("is refused, without a change, while the head keeps captures or a prediction log", async () => {
    await made("logging");
    await patch("logging", { capture: { rate: 1 }, log_hours: 2 });
    for (const body of [
      { keep_inputs: false },
      { keep_inputs: false, capture: null },
      { keep_inputs: false, log_hours: 0 },
    ])
      expectProblem((await patch("logging", body)) as never, 409, "conflict");
    expect(await must("GET", "/v1/heads/logging", { key })).toMatchObject({
      keep_inputs: true,
      capture: { rate: 1 },
      log_hours: 2,
    });
    expect((await patch("logging", { keep_inputs: false, capture: null, log_hours: 0 })).status).toBe(200);
  });

  it("continues after a kill, or stops if it is turned on again: remaining texts then stay", async () => {
    await made("halfway");
    await upload(
      key,
      "halfway",
      Array.from({ length: 200 }, (_, i) => ({ text: `text ${i}`, label: "a" })),
    );
    const stub = await objectOf("halfway");
    await runInDurableObject(stub, async (_, { storage }) => {
      const store = openHeadStore(storage);
      if (!store) throw new Error("The head was made");
      store.meta.set("inputs", { keep: false });
      store.alarms.note("dropped_inputs", Date.now() + 3_600_000);
      const turns = new Turns(
        1,
        async () => undefined,
        () => "head_deleted",
      );
      const dropping = dropInputs(store, { now: Date.now(), bucket: null, turns });
      await expect(dropping).rejects.toThrow("head_deleted"); // after its first step
    });
    expect(await storedTexts("halfway")).toBeLessThan(200);
    expect(await storedTexts("halfway")).toBeGreaterThan(0);
    const left = await storedTexts("halfway");
    expect((await patch("halfway", { keep_inputs: true })).status).toBe(200);
    await runInDurableObject(stub, async (_, { storage }) => {
      const store = openHeadStore(storage);
      if (store) await dropInputs(store, { now: Date.now(), bucket: null, turns: new Turns() });
    });
    expect(await storedTexts("halfway")).toBe(left);
    expect((await patch("halfway", { keep_inputs: false })).status).toBe(200);
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("UPDATE alarms SET at = 1 WHERE name = 'dropped_inputs'");
      return storage.setAlarm(Date.now() + 3_600_000);
    });
    await evictDurableObject(stub);
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(stub);
      expect(await storedTexts("halfway")).toBe(0);
    }, 5_000);
    expect((await patch("halfway", { keep_inputs: true })).status).toBe(200);
  });
});

it("a head without inputs stores those that wait for their backbone, and deletes them once they have features", async () => {
  const backbone = registerControlledBackbone("unkept-controlled");
  await made("waiting", { backbone: "unkept-controlled", keep_inputs: false });
  backbone.isAway = true;
  expect(await upload(key, "waiting", ROWS)).toMatchObject({ added: ROWS.length, features: { pending: ROWS.length } });
  const stub = await objectOf("waiting");
  const runAll = async (): Promise<void> => {
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("UPDATE alarms SET at = 1 WHERE name IN ('dropped_inputs', 'embed')");
      return storage.setAlarm(Date.now() + 3_600_000);
    });
    await runDurableObjectAlarm(stub);
  };
  await runAll();
  expect(await storedTexts("waiting")).toBe(ROWS.length);
  backbone.isAway = false;
  await runAll();
  expect(await must("GET", "/v1/heads/waiting", { key })).toMatchObject({ examples: { pending: 0 } });
  expect(await storedTexts("waiting")).toBe(0);
});

it("turning keep_inputs off reads all inputs once, even while some wait for their backbone", async () => {
  const backbone = registerControlledBackbone("dropping-controlled");
  await made("once", { backbone: "dropping-controlled" });
  await upload(key, "once", ROWS);
  backbone.isAway = true;
  await upload(key, "once", [{ text: "a late one", label: "parcel" }]);
  expect((await patch("once", { keep_inputs: false })).status).toBe(200);
  await vi.waitFor(async () => expect(await storedTexts("once")).toBe(1), 5_000);
  const stub = await objectOf("once");
  const alarms = () =>
    runInDurableObject(stub, (_, { storage: { sql } }) =>
      sql
        .exec<{ name: string }>("SELECT name FROM alarms")
        .toArray()
        .map(({ name }) => name),
    );
  expect(await alarms()).toContain("embed");
  expect(await alarms()).not.toContain("dropped_inputs");
  backbone.isAway = false;
  await runInDurableObject(stub, (_, { storage }) => {
    storage.sql.exec("UPDATE alarms SET at = 1 WHERE name = 'embed'");
    return storage.setAlarm(Date.now() + 3_600_000);
  });
  await runDurableObjectAlarm(stub);
  expect(await storedTexts("once")).toBe(0);
});

it("the deletion of texts reads a few rows, however many inputs there are, while features are still being computed again", async () => {
  await made("outdated");
  const many = Array.from({ length: 300 }, (_, i) => ({ text: `text number ${i}`, label: i % 2 ? "odd" : "even" }));
  await upload(key, "outdated", many);
  await runInDurableObject(await objectOf("outdated"), async (_, { storage }) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const exec = (query: string, ...bindings: unknown[]) => {
      const cursor = storage.sql.exec(query, ...bindings);
      cursors.push(cursor);
      return cursor;
    };
    const counted = { ...boundTo(storage), sql: { exec, databaseSize: 0 } as unknown as SqlStorage };
    const store = openHeadStore(counted as unknown as DurableObjectStorage);
    if (!store) throw new Error("The head was made");
    store.meta.set("inputs", { keep: false });
    store.features.outdated.mark("older");
    cursors.length = 0;
    const now = Date.now();
    await dropInputs(store, { now, bucket: null, turns: new Turns() });
    expect(store.alarms.at("dropped_inputs")).toBe(now + 60_000);
    expect(cursors.reduce((rows, { rowsRead }) => rows + rowsRead, 0)).toBeLessThan(20);
  });
  expect(await storedTexts("outdated")).toBe(300);
});

it("a head without inputs keeps its backbone's revision in a newer service, for stored and for new inputs", async () => {
  const head = await makeOlderHead(TENANT, "pinned", ROWS);
  await head.inStorage(({ sql }) => {
    sql.exec(`INSERT INTO meta VALUES ('inputs', '{"keep":false,"dropping":false}')`);
    sql.exec("UPDATE inputs SET text = NULL");
  });
  await replaceService(head);
  const view = await must<HeadView>("GET", "/v1/heads/pinned", { key });
  expect(view).toMatchObject({ backbone: { identity: await identityOfRevision3() }, examples: { pending: 0 } });
  const odd = "pa\u200brcel again";
  await upload(key, "pinned", [{ text: odd, label: "parcel" }]);
  const stored = await head.inStorage((storage) => {
    const store = openHeadStore(storage);
    const row = storage.sql
      .exec<{ block: number; slot: number }>("SELECT block, slot FROM inputs ORDER BY id DESC LIMIT 1")
      .one();
    return store?.features.block(row.block).slice(row.slot * DIMENSION, (row.slot + 1) * DIMENSION);
  });
  expect(stored).toEqual(await featuresOfRevision3([odd]));
  const job = await head.runJob({ id: "job_pinned" });
  expect(job).toMatchObject({ status: "succeeded", version: 1 });
  const { revision } = textRevision3;
  const { value: state } = JSON.parse(await head.rpc.serving()) as { value: { older: unknown } };
  expect(state.older).toEqual([{ first: 1, last: 1, revision }, expect.objectContaining({ first: 2, revision })]);
  const version = await must<{ backbone: unknown }>("GET", "/v1/heads/pinned/versions/1", { key });
  expect(version.backbone).toMatchObject({ identity: await identityOfRevision3() });
  expect(unwrap(await head.rpc.describe()).live).toBe(1);
});
