// Deliveries of every scheme and of the presets: how each is signed and identified, and what it changes.
import { beforeAll, describe, expect, it } from "vitest";
import { deliveriesOf, EVENT, examplesOf, MAPPING } from "../support/inbox.ts";
import { makeTenant, makeTextHead, must } from "../support/service.ts";
import { githubHeaders, hmac, stripeHeaders } from "../support/signing.ts";
import { deliver, makeSource, post } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("hook-schemes")).key;
});

describe("a delivery", () => {
  it("is identified by X-GitHub-Delivery and mapped by the preset if the scheme is github", async () => {
    await makeTextHead(key, "github");
    const secret = "It's a Secret to Everybody";
    const source = await makeSource(key, "github", {
      scheme: "github",
      action: "add",
      preset: "github-issues",
      secret,
    });
    expect(source.secret).toBe(secret);
    const labels = [{ name: "bug" }];
    const body = JSON.stringify({ action: "labeled", issue: { id: 1, title: "It broke", labels }, label: labels[0] });
    expect((await post(source.url, body, githubHeaders(secret, body, "d-1"))).body).toMatchObject({
      delivery: "d-1",
      outcome: "added",
    });
    expect((await post(source.url, body, githubHeaders(secret, body, "d-1"))).body.outcome).toBe("duplicate");
    const gone = JSON.stringify({
      action: "unlabeled",
      issue: { id: 1, title: "It broke", labels: [] },
      label: labels[0],
    });
    expect((await post(source.url, gone, githubHeaders(secret, gone))).body.outcome).toBe("deleted");
    const ping = JSON.stringify({ zen: "Keep it logically awesome.", hook_id: 1 });
    const pinged = await post(source.url, ping, githubHeaders(secret, ping));
    expect([pinged.status, pinged.body.outcome, pinged.body.reason?.code]).toEqual([202, "ignored", "not_wanted"]);
  });

  it("is identified by the id of the event, however often it is signed again, if the scheme is stripe", async () => {
    await makeTextHead(key, "stripe");
    const mapping = { text: "/data/object/description", label: "/data/object/reason" };
    const source = await makeSource(key, "stripe", { scheme: "stripe", action: "add", mapping });
    const body = JSON.stringify({
      id: "evt_1",
      data: { object: { description: "charged twice", reason: "duplicate" } },
    });
    const at = Date.now();
    expect((await post(source.url, body, stripeHeaders(source.secret, body, at - 9_000))).body).toMatchObject({
      delivery: "evt_1",
      outcome: "added",
    });
    expect((await post(source.url, body, stripeHeaders(source.secret, body, at))).body.outcome).toBe("duplicate");
  });

  it("is identified by the configured header, or else by the signed content, if the scheme is hmac-sha256", async () => {
    await makeTextHead(key, "hmac");
    const hmacOptions = { header: "X-Sig", encoding: "base64", prefix: "sha256=", id_header: "X-Event" } as const;
    const source = await makeSource(key, "hmac", {
      scheme: "hmac-sha256",
      action: "add",
      mapping: MAPPING,
      hmac: hmacOptions,
    });
    const body = JSON.stringify(EVENT);
    const signed = { "X-Sig": `sha256=${hmac(source.secret, body, "base64")}` };
    expect((await post(source.url, body, { ...signed, "X-Event": "e 1" })).body.delivery).toMatch(
      /^sha256-[0-9a-f]{64}$/,
    );
    const other = JSON.stringify({ ...EVENT, label: "status" });
    const named = { "X-Sig": `sha256=${hmac(source.secret, other, "base64")}`, "X-Event": "e1" };
    expect((await post(source.url, other, named)).body).toMatchObject({ delivery: "e1", outcome: "updated" });
  });

  it("is a duplicate under another id, which github and hmac-sha256 do not sign", async () => {
    const secret = "It's a Secret to Everybody";
    const hmacOptions = { id_header: "X-Event" };
    await makeTextHead(key, "renamed");
    const [hub, own] = await Promise.all([
      makeSource(key, "renamed", { scheme: "github", action: "add", mapping: MAPPING, secret }),
      makeSource(key, "renamed", { scheme: "hmac-sha256", action: "add", mapping: MAPPING, secret, hmac: hmacOptions }),
    ]);
    const body = JSON.stringify(EVENT);
    const ownHeaders = (id: string): Record<string, string> => {
      const signed = { "X-Signature": hmac(secret, body, "hex") };
      return id ? { ...signed, "X-Event": id } : signed;
    };
    for (const [source, headers] of [
      [hub, (id: string) => githubHeaders(secret, body, id)],
      [own, ownHeaders],
    ] as const) {
      expect((await post(source.url, body, headers("first"))).body.outcome).toMatch(/added|unchanged/);
      await must("DELETE", "/v1/heads/renamed/examples/7", { key });
      for (const id of ["second", "third", ""]) {
        const replayed = await post(source.url, body, headers(id));
        expect([replayed.status, replayed.body]).toEqual([200, { delivery: "first", outcome: "duplicate" }]);
      }
      expect((await deliveriesOf(key, "renamed", source)).map(({ id }) => id)).toEqual(["first"]);
    }
    expect(await examplesOf(key, "renamed")).toEqual([]);
  });

  it("stays one delivery under any id, until it succeeds, if the scheme is hmac-sha256", async () => {
    const source = await makeSource(key, "hmac", {
      scheme: "hmac-sha256",
      action: "add",
      mapping: MAPPING,
      hmac: { id_header: "X-Event" },
    });
    const body = JSON.stringify({ id: 9, message: "hi", label: "a" });
    const send = (id: string) =>
      post(source.url, body, { "X-Signature": hmac(source.secret, body, "hex"), "X-Event": id });
    for (const id of ["a", "b", "c"]) expect((await send(id)).status).toBe(422);
    expect(await deliveriesOf(key, "hmac", source)).toMatchObject([{ id: "a", outcome: "unmappable", attempts: 3 }]);
    await must("PATCH", `/v1/heads/hmac/sources/${source.id}`, {
      key,
      body: { mapping: { ...MAPPING, text: "/message" } },
    });
    expect((await send("d")).body).toMatchObject({ delivery: "a", outcome: "added" });
    expect((await send("e")).body).toEqual({ delivery: "a", outcome: "duplicate" });
  });
});

it("the preset zendesk verifies Zendesk's own signature without further options", async () => {
  await makeTextHead(key, "zendesk");
  const source = await makeSource(key, "zendesk", { scheme: "hmac-sha256", action: "add", preset: "zendesk" });
  const detail = { id: "5158", subject: "Refund please", description: "charged twice", tags: ["billing"] };
  const event = {
    type: "zen:event-type:ticket.tags_changed",
    detail,
    event: { tags_added: ["billing"], tags_removed: [] },
  };
  const body = JSON.stringify(event);
  const time = new Date().toISOString();
  const headers = {
    "X-Zendesk-Webhook-Signature": hmac(source.secret, time + body, "base64"),
    "X-Zendesk-Webhook-Signature-Timestamp": time,
  };
  expect((await post(source.url, body, headers)).body.outcome).toBe("added");
  expect(await examplesOf(key, "zendesk")).toMatchObject([{ id: "5158", label: "billing" }]);
});

const makeLabelStudio = (head: string) =>
  makeSource(key, head, { scheme: "standard-webhooks", action: "add", preset: "label-studio" });

it("label-studio deletes examples with the annotation and with the task, but only for events of its own source", async () => {
  await makeTextHead(key, "annotations");
  const [source, other] = [await makeLabelStudio("annotations"), await makeLabelStudio("annotations")];
  const result = (...choices: string[]) => [{ type: "choices", from_name: "topic", value: { choices } }];
  const annotation = (id: number, task: number, ...choices: string[]) => ({ id, task, result: result(...choices) });
  const task = (id: number) => ({ id, data: { text: `text of ${id}` } });
  const bulk = {
    action: "ANNOTATIONS_CREATED",
    annotation: [annotation(1, 10, "a"), annotation(2, 20, "b"), annotation(3, 10, "c")],
    task: [task(10), task(20)],
  };
  expect((await deliver(source, bulk)).body).toMatchObject({ outcome: "added", added: 3 });
  expect((await deliver(other, { action: "TASKS_DELETED", tasks: [{ id: 10 }] })).body.outcome).toBe("unchanged");
  const cancelled = {
    action: "ANNOTATION_UPDATED",
    annotation: { ...annotation(2, 20, "b"), was_cancelled: true },
    task: task(20),
  };
  expect((await deliver(source, cancelled)).body).toMatchObject({ outcome: "deleted", deleted: 1 });
  expect((await examplesOf(key, "annotations")).map(({ id }) => id)).toEqual(["1", "3"]);
  expect((await deliver(source, { action: "TASKS_DELETED", tasks: [{ id: 10 }, { id: 99 }] })).body).toMatchObject({
    outcome: "deleted",
    deleted: 2,
  });
  expect(await examplesOf(key, "annotations")).toEqual([]);
});

it("label-studio deletes a task with more than 1,000 annotations by a replay, once the API has deleted some of them", async () => {
  await makeTextHead(key, "crowded");
  const source = await makeLabelStudio("crowded");
  const annotation = (id: number) => ({
    id,
    task: 1,
    result: [{ type: "choices", from_name: "topic", value: { choices: ["a"] } }],
  });
  for (const from of [0, 400, 800]) {
    const bulk = {
      action: "ANNOTATIONS_CREATED",
      annotation: Array.from({ length: 400 }, (_, i) => annotation(from + i)),
      task: [{ id: 1, data: { text: "one text" } }],
    };
    expect((await deliver(source, bulk)).body).toMatchObject({ outcome: "added", added: 400 });
  }
  const payload = { action: "TASKS_DELETED", tasks: [{ id: 1 }] };
  const tried = await must("POST", `/v1/heads/crowded/sources/${source.id}/test`, { key, body: { payload } });
  expect(tried).toMatchObject({ outcome: "rejected", deletes: [], reason: { code: "too_many_deletions" } });
  const refused = await deliver(source, payload);
  expect([refused.status, refused.body]).toMatchObject([422, { reason: "too_many_deletions" }]);
  expect(tried).toMatchObject({ reason: { detail: expect.stringContaining("DELETE …/examples/{id}, then") } });
  for (let id = 0; id < 200; id++) await must("DELETE", `/v1/heads/crowded/examples/${id}`, { key });
  const { delivery } = refused.body;
  const replay = `/v1/heads/crowded/sources/${source.id}/deliveries/${delivery}/replay`;
  expect(await must("POST", replay, { key })).toMatchObject({ outcome: "deleted", deleted: 1_000 });
  expect(await examplesOf(key, "crowded")).toEqual([]);
});
