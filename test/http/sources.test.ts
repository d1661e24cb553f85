// Sources: created, shown without their secrets, changed, rotated, tried out and deleted.
import { beforeAll, describe, expect, it } from "vitest";
import type { DryRunResult } from "../../src/contract/dry-run.ts";
import type { CreatedSource, NewSource, SourceView } from "../../src/contract/sources.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeKey, makeTenant, makeTextHead, must, upload } from "../support/service.ts";
import { standardAsymmetricHeaders, standardHeaders } from "../support/signing.ts";
import { deliver, makeSource, post } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("sources")).key;
  await makeTextHead(key, "shop");
  await makeHead(key, "values", { task: "regression" });
});

const MAPPING = { text: "/text", label: "/label", id: "/id" };
const STANDARD: NewSource = { scheme: "standard-webhooks", action: "add", mapping: MAPPING };
const at = (head: string, { id }: { id: string }, more = "") => `/v1/heads/${head}/sources/${id}${more}`;
const refusalOf = async (body: unknown, head = "shop") => {
  const answer = await call("POST", `/v1/heads/${head}/sources`, { key, body });
  expectProblem(answer, 400, "invalid_request");
  return answer.body.errors?.map(({ pointer }) => pointer);
};

describe("the creation of a source", () => {
  it("is answered with 201, the address and the source's own secret, which is shown only once", async () => {
    const answer = await call<CreatedSource>("POST", "/v1/heads/shop/sources", { key, body: STANDARD });
    const { id, secret } = answer.body;
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Location")).toBe(`/v1/heads/shop/sources/${id}`);
    expect(answer.body).toMatchObject({
      id: expect.stringMatching(/^src_\w{20}$/),
      url: `/v1/hooks/${id}`,
      scheme: "standard-webhooks",
    });
    expect(Buffer.from(secret.replace("whsec_", ""), "base64").byteLength).toBe(32);
    const shown = await call("GET", at("shop", { id }), { key });
    const listed = await call("GET", "/v1/heads/shop/sources", { key });
    for (const { text } of [shown, listed])
      expect([text.includes(id), text.includes(secret.slice(6))]).toEqual([true, false]);
  });

  it("makes a source that can be listed and deleted", async () => {
    await makeTextHead(key, "listed");
    const made = [await makeSource(key, "listed", STANDARD), await makeSource(key, "listed", STANDARD)];
    const list = async () =>
      (await must<{ data: SourceView[] }>("GET", "/v1/heads/listed/sources", { key })).data.map(({ id }) => id);
    expect(await list()).toEqual(made.map(({ id }) => id));
    expect((await call("DELETE", at("listed", made[0] as CreatedSource), { key })).status).toBe(204);
    expect(await list()).toEqual([made[1]?.id]);
    expectProblem(await call("GET", at("listed", made[0] as CreatedSource), { key }), 404, "not_found");
  });

  it("is refused with a pointer to the field if the source cannot work", async () => {
    expect(await refusalOf({ ...STANDARD, mapping: undefined })).toEqual(["/mapping"]);
    expect(await refusalOf({ ...STANDARD, mapping: { text: "/text" } })).toEqual(["/mapping/label"]);
    expect(await refusalOf({ ...STANDARD, mapping: { label: "/label" } })).toEqual(["/mapping/text"]);
    expect(await refusalOf({ ...STANDARD, mapping: { ...MAPPING, value: "/v" } })).toEqual(["/mapping/value"]);
    expect(await refusalOf({ ...STANDARD, mapping: { ...MAPPING, id: undefined, delete_when: {} } })).toEqual([
      "/mapping/id",
    ]);
    expect(await refusalOf({ ...STANDARD, mapping: [MAPPING, { ...MAPPING, label: undefined }] })).toEqual([
      "/mapping/1/label",
    ]);
    expect(await refusalOf({ ...STANDARD, mapping: { ...MAPPING, features: "/f" } })).toEqual(["/mapping/features"]);
    expect(await refusalOf({ ...STANDARD, mapping: { ...MAPPING, colour: "/c" } })).toEqual(["/mapping/colour"]);
    expect(await refusalOf({ ...STANDARD, mapping: { ...MAPPING, text: "no/slash" } })).toEqual(["/mapping/text"]);
    expect(await refusalOf({ ...STANDARD, mapping: { ...MAPPING, when: { action: "labeled" } } })).toEqual([
      "/mapping/when/action",
    ]);
    expect(await refusalOf({ ...STANDARD, mapping: [MAPPING, { ...MAPPING, delete_when: { "/a": {} } }] })).toEqual([
      "/mapping/1/delete_when/~1a",
    ]);
    expect(await refusalOf({ ...STANDARD, mapping: undefined, preset: "github-issues" }, "values")).toEqual([
      "/preset",
    ]);
    expect(await refusalOf({ ...STANDARD, mapping: { ...MAPPING, id: "header:Authorization" } })).toEqual([
      "/mapping/id",
    ]);
    expect(await refusalOf({ ...STANDARD, mapping: { ...MAPPING, when: { "header:Cookie": "x" } } })).toEqual([
      "/mapping/when/header:Cookie",
    ]);
    const own = { scheme: "hmac-sha256", hmac: { header: "X-Proof" } };
    expect(await refusalOf({ ...STANDARD, ...own, mapping: { ...MAPPING, id: { header: "x-proof" } } })).toEqual([
      "/mapping",
    ]);
    expect(
      await refusalOf({ ...STANDARD, mapping: { group: "/g", delete_when: {}, text: "/t", label: "/l" } }),
    ).toEqual(["/mapping/id"]);
    expect(await refusalOf({ ...STANDARD, from_name: "topic" })).toEqual(["/from_name"]);
    expect(await refusalOf({ ...STANDARD, secret: "whsec_short" })).toEqual(["/secret"]);
    expect(await refusalOf({ ...STANDARD, scheme: "sha-256" })).toEqual(["/scheme"]);
    expect(await refusalOf({ ...STANDARD, scheme: "constructor" })).toEqual(["/scheme"]);
    expect(await refusalOf({ ...STANDARD, scheme: "github", secret: "short" })).toEqual(["/secret"]);
    expect(await refusalOf({ ...STANDARD, hmac: {} })).toEqual(["/hmac"]);
    const signed = { ...STANDARD, scheme: "hmac-sha256" };
    expect(await refusalOf({ ...signed, hmac: { timestamp_header: "X-T", signed: "{body}" } })).toEqual([
      "/hmac/signed",
    ]);
    expect(await refusalOf({ ...signed, hmac: { signed: "{timestamp}.{body}" } })).toEqual(["/hmac/timestamp_header"]);
    expect(await refusalOf({ ...signed, hmac: { header: "not a header" } })).toEqual(["/hmac/header"]);
  });

  it("needs a key with the scope write, and stays within the tenant", async () => {
    const source = await makeSource(key, "shop", STANDARD);
    const { key: reader } = await makeKey("sources", "read");
    expectProblem(await call("POST", "/v1/heads/shop/sources", { key: reader, body: STANDARD }), 403, "forbidden");
    expect((await call("GET", at("shop", source), { key: reader })).status).toBe(200);
    const { key: theirs } = await makeTenant("sources-other");
    await makeTextHead(theirs, "shop");
    expectProblem(await call("GET", at("shop", source), { key: theirs }), 404, "not_found");
  });
});

describe("a change of a source", () => {
  it("changes the given fields, and keeps the others and the secret", async () => {
    const source = await makeSource(key, "shop", { ...STANDARD, description: "from the helpdesk" });
    const patched = await must<SourceView>("PATCH", at("shop", source), {
      key,
      body: { preset: "feedback", mapping: null },
    });
    expect(patched).toMatchObject({
      preset: "feedback",
      mapping: null,
      action: "add",
      description: "from the helpdesk",
    });
    expect((await deliver(source, { input: "hi", label: "greeting" })).body.outcome).toBe("added");
  });

  it("is refused if the source could not work afterwards", async () => {
    const source = await makeSource(key, "shop", STANDARD);
    expectProblem(await call("PATCH", at("shop", source), { key, body: { mapping: null } }), 400, "invalid_request");
    expectProblem(await call("PATCH", at("shop", source), { key, body: { scheme: "github" } }), 400, "invalid_request");
  });
});

describe("the rotation of a secret", () => {
  const event = { id: 1, text: "hello", label: "greeting" };
  const rotate = (source: CreatedSource, body: unknown) =>
    must<CreatedSource>("POST", at("shop", source, "/rotate"), { key, body });

  it("keeps the old secret valid for the overlap, together with the new one", async () => {
    const before = await makeSource(key, "shop", STANDARD);
    const after = await rotate(before, { overlap_seconds: 60 });
    expect(after.secret).not.toBe(before.secret);
    expect(after.secrets.map(({ expires_at }) => expires_at === null)).toEqual([true, false]);
    expect((await deliver(before, event)).status).toBe(202);
    expect((await deliver(after, event)).status).toBe(202);
    await rotate(after, {});
    expect((await deliver(after, event)).status).toBe(202);
    expect((await deliver(before, event)).status).toBe(401);
  });

  it("ends the old secret at once if there is no overlap", async () => {
    const before = await makeSource(key, "shop", STANDARD);
    const after = await rotate(before, { overlap_seconds: 0, secret: `whsec_${btoa("n".repeat(32))}` });
    expect([(await deliver(before, event)).status, (await deliver(after, event)).status]).toEqual([401, 202]);
  });

  // RFC 8032, 7.1: the key pairs of tests 1 and 2.
  it("accepts the sender's public key instead of a secret, and replaces that key only by rotation", async () => {
    const seeds = [
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    ].map((hex) => Buffer.from(hex, "hex"));
    const keys = [
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    ].map((hex) => `whpk_${Buffer.from(hex, "hex").toString("base64")}`);
    const source = await makeSource(key, "shop", { ...STANDARD, secret: keys[0] as string });
    const body = JSON.stringify(event);
    const send = async (seed: number, id: string) =>
      (await post(source.url, body, standardAsymmetricHeaders(seeds[seed] as Buffer, body, Date.now(), id))).status;
    expect([await send(0, "m1"), await send(1, "m2")]).toEqual([202, 401]);
    const asked = await call("POST", at("shop", source, "/rotate"), { key, body: {} });
    expectProblem(asked, 400, "invalid_request");
    await rotate(source, { secret: keys[1], overlap_seconds: 0 });
    expect([await send(0, "m3"), await send(1, "m4")]).toEqual([401, 202]);
    const byHmac = standardHeaders((keys[1] as string).replace("whpk", "whsec"), body);
    expect((await post(source.url, body, byHmac)).status).toBe(401);
  });
});

describe("a dry run", () => {
  it("shows the effect of a payload, by the source's mapping or another, and applies nothing", async () => {
    await makeTextHead(key, "tried");
    await upload(key, "tried", [{ id: "1", text: "where is it", label: "status" }]);
    const mapping = { ...MAPPING, delete_when: { "/gone": true } };
    const source = await makeSource(key, "tried", { ...STANDARD, action: "add_and_train", mapping });
    const attempt = (payload: unknown, other?: object) =>
      must<DryRunResult>("POST", at("tried", source, "/test"), {
        key,
        body: { payload, mapping: other },
      });
    expect(await attempt({ id: 2, text: "new", label: "a" })).toEqual({
      outcome: "added",
      trains: true,
      deletes: [],
      reason: null,
      changes: { added: 1, updated: 0, unchanged: 0, deleted: 0 },
      examples: [{ id: "2", text: "new", label: "a" }],
    });
    expect(await attempt({ id: 1, text: "where is it", label: "late" })).toMatchObject({
      outcome: "updated",
      trains: true,
    });
    expect(await attempt({ id: 1, text: "where is it", label: "status" })).toMatchObject({
      outcome: "unchanged",
      trains: false,
    });
    expect(await attempt({ id: 1, gone: true })).toMatchObject({ outcome: "deleted", deletes: ["1"] });
    expect(await attempt({ id: 2, gone: true })).toMatchObject({ outcome: "unchanged", deletes: [] });
    const exact = '{"payload": {"id": 820982911946154508, "text": "new", "label": 1.10}}';
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${key}` };
    const asWritten = await call("POST", at("tried", source, "/test"), { body: exact, headers });
    expect(asWritten.body).toMatchObject({ examples: [{ id: "820982911946154508", label: "1.10" }] });
    expect(await attempt({ id: 2 })).toMatchObject({ outcome: "unmappable", reason: { pointer: "/text" } });
    expect(await attempt({ id: 2, text: "", label: "a" })).toMatchObject({
      outcome: "rejected",
      reason: { code: "invalid_input" },
    });
    expect(await attempt({ message: "hi" }, { text: "/message", label: { constant: "a" } })).toMatchObject({
      outcome: "added",
    });
    expect(await attempt({}, { ...MAPPING, when: { "/kind": "x" } })).toMatchObject({ outcome: "ignored" });
    const github = { text: "/text", label: "/label", when: { "header:X-GitHub-Event": "issues" } };
    const tryEvent = (event: string) =>
      must<DryRunResult>("POST", at("tried", source, "/test"), {
        key,
        body: { payload: { text: "new", label: "a" }, mapping: github, headers: { "x-github-event": event } },
      });
    expect(await tryEvent("issues")).toMatchObject({ outcome: "added" });
    expect(await tryEvent("ping")).toMatchObject({ outcome: "ignored", reason: { header: "X-GitHub-Event" } });
    const { data } = await must<{ data: { label: string }[] }>("GET", "/v1/heads/tried/examples", { key });
    expect(data).toMatchObject([{ id: "1", label: "status" }]);
    expect(await must("GET", at("tried", source, "/deliveries"), { key })).toMatchObject({ data: [] });
  });
});
