// Senders as they really are: forms, Svix's headers, tokens instead of signatures, SHA-1, and retries that are signed again.
import { beforeAll, describe, expect, it } from "vitest";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { CreatedSource, SourceView } from "../../src/contract/sources.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeTenant, makeTextHead, must, type ProblemBody } from "../support/service.ts";
import { githubHeaders, hmac, standardHeaders } from "../support/signing.ts";
import { makeSource, post } from "../support/webhooks.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("hook-senders")).key;
});

const MAPPING = { text: "/text", label: "/label", id: "/id" };
const EVENT = { id: 7, text: "where is my parcel?", label: "delivery" };
const BODY = JSON.stringify(EVENT);
const examplesOf = async (head: string): Promise<readonly ExampleView[]> =>
  (await must<{ data: ExampleView[] }>("GET", `/v1/heads/${head}/examples?limit=200`, { key })).data;
const refusalOf = async (body: unknown) => {
  const answer = await call("POST", "/v1/heads/refused/sources", { key, body });
  expectProblem(answer, 400, "invalid_request");
  return answer.body.errors?.map(({ pointer }) => pointer);
};

describe("a GitHub webhook with the content type form", () => {
  it("is verified as a form and parsed as the JSON in it, both when it arrives and when it is replayed", async () => {
    await makeTextHead(key, "form");
    const secret = "It's a Secret to Everybody";
    const source = await makeSource(key, "form", { scheme: "github", action: "add", preset: "github-issues", secret });
    const labels = [{ name: "bug" }];
    const event = { action: "labeled", issue: { id: 1, title: "100 % & more", labels }, label: labels[0] };
    const body = `payload=${encodeURIComponent(JSON.stringify(event)).replaceAll("%20", "+")}`;
    const headers = { ...githubHeaders(secret, body, "d-1"), "Content-Type": "application/x-www-form-urlencoded" };
    expect((await post(source.url, body, headers)).body).toMatchObject({ delivery: "d-1", outcome: "added" });
    expect(await examplesOf("form")).toMatchObject([{ id: "1", text: "100 % & more", label: "bug" }]);
    expectProblem(await post<ProblemBody>(source.url, `${body}&x=1`, headers), 401, "bad_signature");
  });

  it("is stored if it cannot be mapped, and is replayed as a form", async () => {
    await makeTextHead(key, "form-kept");
    const source = await makeSource(key, "form-kept", { scheme: "hmac-sha256", action: "add", mapping: MAPPING });
    const body = `payload=${encodeURIComponent(JSON.stringify({ id: 1, message: "hi", label: "a" }))}`;
    const headers = { "X-Signature": hmac(source.secret, body, "hex") };
    const failed = await post<ProblemBody>(source.url, body, headers);
    expectProblem(failed, 422, "unmappable");
    const at = `/v1/heads/form-kept/sources/${source.id}`;
    await must("PATCH", at, { key, body: { mapping: { ...MAPPING, text: "/message" } } });
    const { delivery } = failed.body as unknown as { delivery: string };
    expect(await must("POST", `${at}/deliveries/${delivery}/replay`, { key })).toMatchObject({ outcome: "added" });
  });

  it("may have fields of its own instead of JSON", async () => {
    await makeTextHead(key, "form-flat");
    const source = await makeSource(key, "form-flat", { scheme: "hmac-sha256", action: "add", mapping: MAPPING });
    const body = "id=5&text=caf%C3%A9+please&label=order";
    expect((await post(source.url, body, { "X-Signature": hmac(source.secret, body, "hex") })).body.outcome).toBe(
      "added",
    );
    expect(await examplesOf("form-flat")).toMatchObject([{ id: "5", text: "café please", label: "order" }]);
  });
});

it("a source of Standard Webhooks accepts the headers of Svix", async () => {
  await makeTextHead(key, "svix");
  const source = await makeSource(key, "svix", { scheme: "standard-webhooks", action: "add", mapping: MAPPING });
  const signed = standardHeaders(source.secret, BODY, Date.now(), "msg_svix");
  const headers = Object.fromEntries(
    Object.entries(signed).map(([name, value]) => [name.replace("webhook", "svix"), value]),
  );
  expect((await post(source.url, BODY, headers)).body).toMatchObject({ delivery: "msg_svix", outcome: "added" });
  expect((await post(source.url, BODY, signed)).body.outcome).toBe("duplicate");
});

describe("a static token", () => {
  const annotated = (choice: string, updated = "2026-11-30T10:00:00Z") => ({
    action: "ANNOTATION_CREATED",
    annotation: {
      id: 28,
      was_cancelled: false,
      updated_at: updated,
      result: [{ type: "choices", from_name: "topic", to_name: "text", value: { choices: [choice] } }],
    },
    task: { id: 117, data: { text: "my parcel never came" } },
    project: { id: 4 },
  });
  const send = (source: CreatedSource, payload: unknown, headers: Record<string, string>) =>
    post(source.url, JSON.stringify(payload), headers);

  it("authenticates Label Studio by a header that Label Studio can send, with a generated secret", async () => {
    await makeTextHead(key, "tokens");
    const source = await makeSource(key, "tokens", { scheme: "static-token", action: "add", preset: "label-studio" });
    expect(source).toMatchObject({ scheme: "static-token", token: null, secret: expect.stringMatching(/^whsec_/) });
    const headers = { Authorization: `Bearer ${source.secret}` };
    expect((await send(source, annotated("delivery"), headers)).body.outcome).toBe("added");
    expect((await send(source, annotated("delivery"), headers)).body.outcome).toBe("duplicate");
    expect((await send(source, annotated("refund", "2026-11-30T11:00:00Z"), headers)).body.outcome).toBe("updated");
    expect(await examplesOf("tokens")).toMatchObject([{ id: "28", label: "refund" }]);
  });

  it("is refused if it differs, is shorter or longer, lacks its prefix or is missing", async () => {
    await makeTextHead(key, "tokens-bad");
    const source = await makeSource(key, "tokens-bad", { scheme: "static-token", action: "add", mapping: MAPPING });
    const { secret } = source;
    const tokens = [secret.slice(0, -1), `${secret}x`, secret.toUpperCase(), "", secret.slice(6), `Bearer ${secret}`];
    for (const token of tokens)
      expectProblem(
        await post<ProblemBody>(source.url, BODY, { Authorization: `Bearer ${token}` }),
        401,
        "bad_signature",
      );
    for (const headers of [{}, { Authorization: secret }, { Authorization: `Basic ${secret}` }, { "X-Token": secret }])
      expectProblem(await post<ProblemBody>(source.url, BODY, headers as Record<string, string>), 401, "bad_signature");
    expect(await examplesOf("tokens-bad")).toEqual([]);
  });

  it("is read after the header and prefix that the source sets, and can be rotated", async () => {
    await makeTextHead(key, "tokens-own");
    const token = { header: "X-Gitlab-Token", id_header: "X-Gitlab-Event-UUID" };
    const body = {
      scheme: "static-token",
      action: "add",
      mapping: MAPPING,
      token,
      secret: "a-shared-secret-1234",
    } as const;
    const source = await makeSource(key, "tokens-own", body);
    const headers = (secret: string, id: string) => ({ "X-Gitlab-Token": secret, "X-Gitlab-Event-UUID": id });
    expect((await send(source, EVENT, headers(body.secret, "e1"))).body).toMatchObject({
      delivery: "e1",
      outcome: "added",
    });
    expect((await send(source, { ...EVENT, label: "x" }, headers(body.secret, "e1"))).body.outcome).toBe("duplicate");
    const at = `/v1/heads/tokens-own/sources/${source.id}`;
    await must("POST", `${at}/rotate`, { key, body: { secret: "another-secret-5678", overlap_seconds: 0 } });
    expect((await send(source, EVENT, headers(body.secret, "e2"))).status).toBe(401);
    expect((await send(source, EVENT, headers("another-secret-5678", "e2"))).body.outcome).toBe("unchanged");
    const patched = await must<SourceView>("PATCH", at, {
      key,
      body: { token: { header: "X-Token", prefix: "Token " } },
    });
    expect(patched.token).toEqual({ header: "X-Token", prefix: "Token " });
    expect((await send(source, EVENT, { "X-Token": "Token another-secret-5678" })).body.outcome).toBe("unchanged");
  });

  it("is refused by a source with another scheme", async () => {
    await makeTextHead(key, "tokens-not");
    for (const scheme of ["standard-webhooks", "github", "stripe", "hmac-sha256"] as const) {
      const source = await makeSource(key, "tokens-not", { scheme, action: "add", preset: "label-studio" });
      const headers = { Authorization: `Bearer ${source.secret}`, "X-Signature": source.secret };
      expect((await send(source, annotated("delivery"), headers)).status, scheme).toBe(401);
    }
  });
});

describe("a provider's retry that is signed again", () => {
  const zendeskHeaders = (secret: string, body: string, invocation: string, at = Date.now()) => {
    const time = new Date(at).toISOString();
    return {
      "X-Zendesk-Webhook-Signature": hmac(secret, time + body, "base64"),
      "X-Zendesk-Webhook-Signature-Timestamp": time,
      "X-Zendesk-Webhook-Invocation-Id": invocation,
    };
  };

  it("is a duplicate by Zendesk's invocation id, which the preset uses", async () => {
    await makeTextHead(key, "zendesk-retry");
    const source = await makeSource(key, "zendesk-retry", { scheme: "hmac-sha256", action: "add", preset: "zendesk" });
    const detail = { id: "5158", subject: "Refund please", description: "charged twice", tags: ["billing"] };
    const event = { type: "zen:event-type:ticket.tags_changed", detail, event: { tags_added: ["billing"] } };
    const body = JSON.stringify(event);
    const first = await post(source.url, body, zendeskHeaders(source.secret, body, "8350205582", Date.now() - 60_000));
    expect(first.body).toMatchObject({ delivery: "8350205582", outcome: "added" });
    const retry = await post(source.url, body, zendeskHeaders(source.secret, body, "8350205582"));
    expect([retry.status, retry.body]).toMatchObject([200, { delivery: "8350205582", outcome: "duplicate" }]);
  });

  it("is a duplicate by the pointer or the header that the source names", async () => {
    await makeTextHead(key, "retry");
    const timed = { timestamp_header: "X-Time", timestamp_format: "unix_ms" } as const;
    const body = JSON.stringify({ ...EVENT, event_id: 4711 });
    for (const [options, name] of [
      [{ id_pointer: "/event_id" }, "4711"],
      [{ id_header: "X-Id" }, "evt-1"],
      [{ id_header: "X-Absent", id_pointer: "/event_id" }, "4711"],
    ] as const) {
      const hmacOptions = { ...timed, ...options };
      const source = await makeSource(key, "retry", {
        scheme: "hmac-sha256",
        action: "add",
        mapping: MAPPING,
        hmac: hmacOptions,
      });
      const at = (ms: number) => ({
        "X-Time": String(ms),
        "X-Signature": hmac(source.secret, `${ms}.${body}`, "hex"),
        "X-Id": "evt-1",
      });
      expect((await post(source.url, body, at(Date.now() - 9_000))).body.delivery).toBe(name);
      expect((await post(source.url, body, at(Date.now()))).body).toMatchObject({
        delivery: name,
        outcome: "duplicate",
      });
    }
  });
});

it("a source accepts SHA-1 only if its settings allow it", async () => {
  await makeTextHead(key, "sha1");
  const make = (algorithm?: "sha1") =>
    makeSource(key, "sha1", {
      scheme: "hmac-sha256",
      action: "add",
      mapping: MAPPING,
      hmac: { header: "X-Hub-Signature", prefix: "sha1=", algorithm },
    });
  const send = async (source: CreatedSource) =>
    (await post(source.url, BODY, { "X-Hub-Signature": `sha1=${hmac(source.secret, BODY, "hex", "sha1")}` })).status;
  expect([await send(await make("sha1")), await send(await make())]).toEqual([202, 401]);
});

it("a source with options that cannot work is refused with a pointer to the field", async () => {
  await makeTextHead(key, "refused");
  const signed = { scheme: "hmac-sha256", action: "add", mapping: MAPPING };
  const hmacRefusal = (options: object) => refusalOf({ ...signed, hmac: options });
  expect(await refusalOf({ ...signed, token: {} })).toEqual(["/token"]);
  expect(await refusalOf({ ...signed, scheme: "static-token", hmac: {} })).toEqual(["/hmac"]);
  expect(await refusalOf({ ...signed, scheme: "static-token", secret: "short" })).toEqual(["/secret"]);
  expect(await refusalOf({ ...signed, scheme: "static-token", secret: " blanks around it " })).toEqual(["/secret"]);
  expect(await refusalOf({ ...signed, scheme: "static-token", secret: "n\u00f6t for a header" })).toEqual(["/secret"]);
  expect(await hmacRefusal({ algorithm: "md5" })).toEqual(["/hmac/algorithm"]);
  expect(await hmacRefusal({ timestamp_format: "unix_ms" })).toEqual(["/hmac/timestamp_header"]);
  expect(await hmacRefusal({ timestamp_part: "t" })).toEqual(["/hmac/signature_part"]);
  expect(await hmacRefusal({ signature_part: "v1", prefix: "v1=" })).toEqual(["/hmac/prefix"]);
  expect(await hmacRefusal({ signed: "{id}.{body}" })).toEqual(["/hmac/id_header"]);
  expect(await hmacRefusal({ id_pointer: "no-slash" })).toEqual(["/hmac/id_pointer"]);
  for (const template of ["", "{body}{body}", "{timestamp}", "{body}{other}", "{{body}}", "body"])
    expect(await hmacRefusal({ signed: template, timestamp_header: "X-T" }), template).toEqual(["/hmac/signed"]);
});
