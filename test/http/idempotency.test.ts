// Idempotency-Key: one effect and one response for a repeated request.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { IdempotencyRpc } from "../../src/contract/idempotency-rpc.ts";
import type { JobView } from "../../src/contract/jobs.ts";
import type { CreatedKey, KeyView } from "../../src/contract/keys.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { nameOfHead } from "../../src/env.ts";
import { answerOnce, whileRenewing } from "../../src/http/idempotency/idempotency.ts";
import { answer } from "../../src/http/response/answer.ts";
import { expectProblem } from "../support/problems.ts";
import * as service from "../support/service.ts";
import { until } from "../support/until.ts";

const { ADMIN_KEY, call, corners, makeHead, makeKey, makeTenant, makeTrainedHead, must, send, upload, waitForJob } =
  service;

let key = "";
beforeAll(async () => {
  key = (await makeTenant("once")).key;
  await makeTrainedHead(key, "trained");
});

/** Responses stored by a head of a tenant. */
async function answersOf(tenant: string, head: string): Promise<number> {
  const { HEADS, TENANTS } = env as unknown as Record<"HEADS" | "TENANTS", DurableObjectNamespace>;
  const countIn = (_: unknown, { storage: { sql } }: DurableObjectState) =>
    sql.exec<{ n: number }>("SELECT count(*) AS n FROM idempotency").one().n;
  const space = await runInDurableObject(TENANTS.getByName(tenant), (_, { storage: { sql } }) => {
    const { value } = sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'tenant'").one();
    return (JSON.parse(value) as { space: string }).space;
  });
  return runInDurableObject(HEADS.getByName(nameOfHead({ tenant, space }, head)), countIn);
}

const post = <T>(path: string, name: string, body: unknown, headers: Record<string, string> = {}) =>
  call<T>("POST", path, { key, body, headers: { "Idempotency-Key": name, ...headers } });
const keyIds = async () => (await must<Page<KeyView>>("GET", "/v1/keys?limit=200", { key })).data.map(({ id }) => id);

/** The second response equals the first, and is marked as a replay. */
function expectReplay(first: service.Answer<unknown>, second: service.Answer<unknown>): void {
  expect({ status: second.status, text: second.text }).toEqual({ status: first.status, text: first.text });
  for (const name of ["Content-Type", "Location"]) expect(second.headers.get(name)).toBe(first.headers.get(name));
  expect(first.headers.get("Idempotency-Replayed")).toBeNull();
  expect(second.headers.get("Idempotency-Replayed")).toBe("true");
  expect(second.headers.get("X-Request-Id")).not.toBe(first.headers.get("X-Request-Id"));
}

describe("a repeated request", () => {
  it("gets the same new key, and no second key is created", async () => {
    const first = await post<CreatedKey>("/v1/keys", "key-1", { scopes: ["read"] });
    const before = await keyIds();
    expectReplay(first, await post("/v1/keys", "key-1", { scopes: ["read"] }));
    expect(await keyIds()).toEqual(before);
    expect((await call("GET", "/v1/heads", { key: first.body.key })).status).toBe(200);
  });

  it("gets the same job with its Location, although the job has ended since then", async () => {
    const first = await post<JobView>("/v1/heads/trained/jobs", "job-1", {});
    expect(first.status).toBe(202);
    await waitForJob(key, "trained", first.body.id);
    expectReplay(first, await post("/v1/heads/trained/jobs", "job-1", {}));
    const jobs = await must<Page<JobView>>("GET", "/v1/heads/trained/jobs", { key });
    expect(jobs.data.filter(({ id }) => id === first.body.id).length).toBe(1);
  });

  it("gets the same counts of a streamed upload, and adds nothing", async () => {
    await makeHead(key, "streamed");
    const lines = corners()
      .map((row) => `${JSON.stringify(row)}\n`)
      .join("");
    const headers = { "Content-Type": "application/x-ndjson" };
    const first = await post<UploadResult>("/v1/heads/streamed/examples", "up-1", lines, headers);
    expect(first.body.added).toBe(20);
    expectReplay(first, await post("/v1/heads/streamed/examples", "up-1", lines, headers));
  });

  it("gets the same tenant with its key, on the operator's routes too", async () => {
    const body = { id: "once-more" };
    const options = { key: ADMIN_KEY, body, headers: { "Idempotency-Key": "tenant-1" } };
    expectReplay(await call("POST", "/v1/tenants", options), await call("POST", "/v1/tenants", options));
  });

  it("gets the same head instead of 409", async () => {
    const body = { id: "again", task: "classification", backbone: "features", dimension: 2 };
    expectReplay(await post("/v1/heads", "head-1", body), await post("/v1/heads", "head-1", body));
  });

  it("gets the same promotion", async () => {
    const path = "/v1/heads/trained/versions/1/promote";
    expectReplay(await post(path, "promote-1", undefined), await post(path, "promote-1", undefined));
  });

  it("is recognised with or without quotes around the key", async () => {
    const first = await post("/v1/keys", '"quoted"', { scopes: ["read"] });
    expectReplay(first, await post("/v1/keys", "quoted", { scopes: ["read"] }));
  });

  // The contract repeats the first answer for the same key and body, without an exception for a 4xx.
  it("gets the same refusal, although the request would now succeed", async () => {
    await makeHead(key, "refused");
    const first = await post("/v1/heads/refused/jobs", "refused-1", {});
    expectProblem(first as service.Answer<service.ProblemBody>, 422, "not_enough_examples");
    await upload(key, "refused", corners());
    expectReplay(first, await post("/v1/heads/refused/jobs", "refused-1", {}));
  });
});

describe("another request with the same key", () => {
  const expectMismatch = (answer: service.Answer<unknown>) =>
    expectProblem(answer as service.Answer<service.ProblemBody>, 422, "idempotency_mismatch");

  it("is refused if its body differs, even by a space", async () => {
    await post("/v1/keys", "other-1", '{"scopes":["read"]}', { "Content-Type": "application/json" });
    const before = await keyIds();
    for (const body of ['{"scopes":["write"]}', '{"scopes": ["read"]}', ""]) {
      expectMismatch(await post("/v1/keys", "other-1", body, { "Content-Type": "application/json" }));
    }
    expect(await keyIds()).toEqual(before);
  });

  it("is separate on another path, of the same head or of another head", async () => {
    const paths = ["/v1/heads/trained/versions/1/promote", "/v1/heads/trained/versions/1/verify"];
    for (const path of [...paths, "/v1/heads/streamed/rollback"]) {
      expect((await post(path, "other-2", undefined)).headers.get("Idempotency-Replayed")).toBeNull();
    }
    for (const path of paths) {
      expect((await post(path, "other-2", undefined)).headers.get("Idempotency-Replayed")).toBe("true");
    }
  });

  it("is refused with another key of the tenant, and never sees the first response", async () => {
    const path = "/v1/heads/trained/versions/1/promote";
    await post(path, "other-3", undefined);
    const { key: second } = await makeKey("once", "admin");
    expectMismatch(await call("POST", path, { key: second, headers: { "Idempotency-Key": "other-3" } }));
  });

  it("is separate in another tenant", async () => {
    const { key: theirs } = await makeTenant("once-other");
    await post("/v1/keys", "mine", { scopes: ["read"] });
    const headers = { "Idempotency-Key": "mine" };
    const answer = await call("POST", "/v1/keys", { key: theirs, body: { scopes: ["write"] }, headers });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Idempotency-Replayed")).toBeNull();
  });
});

describe("the first request", () => {
  it("makes the second one get 409 while it runs, and is replayed after it has ended", async () => {
    await makeHead(key, "slow");
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const lines = corners().map((row) => `${JSON.stringify(row)}\n`);
    const headers = { "Content-Type": "application/x-ndjson", "Idempotency-Key": "slow-1" };
    const first = send("POST", "/v1/heads/slow/examples", { key, body: readable, headers });
    await writer.write(new TextEncoder().encode(lines[0]));
    const meanwhile = await call("POST", "/v1/heads/slow/examples", { key, body: lines.join(""), headers });
    expectProblem(meanwhile, 409, "idempotency_running");
    await writer.write(new TextEncoder().encode(lines.slice(1).join("")));
    await writer.close();
    const text = await (await first).text();
    expect(JSON.parse(text)).toMatchObject({ added: 20 });
    const again = await call("POST", "/v1/heads/slow/examples", { key, body: lines.join(""), headers });
    expect([again.text, again.headers.get("Idempotency-Replayed")]).toEqual([text, "true"]);
  });

  it("renews its claim until it ends, even if one renewal fails", async () => {
    let renewals = 0;
    const renew = async () => {
      renewals++;
      if (renewals === 1) throw new Error("the object restarted");
    };
    await whileRenewing(renew, 5, () => until(() => renewals > 2));
    const during = renewals;
    await scheduler.wait(50);
    expect(renewals).toBe(during);
  });

  it("does not use up its Idempotency-Key if it is not authorised", async () => {
    const headers = { "Idempotency-Key": "locked-out" };
    const { key: small } = await makeKey("once", "read");
    expect((await call("POST", "/v1/keys", { key: small, body: { scopes: ["read"] }, headers })).status).toBe(403);
    expect((await post("/v1/keys", "locked-out", { scopes: ["read"] })).status).toBe(201);
  });
});

describe("a prediction", () => {
  it("ignores the header, whatever its value, and stores no response", async () => {
    const path = "/v1/heads/trained/predict";
    const before = await answersOf("once", "trained");
    for (const features of [
      [1, 2],
      [2, 1],
      [1, 2],
    ]) {
      const answer = await post(path, "predict-1", { inputs: [{ features }] });
      expect([answer.status, answer.headers.get("Idempotency-Replayed")]).toEqual([200, null]);
    }
    expect((await post(path, "x".repeat(300), { inputs: [{ features: [1, 2] }] })).status).toBe(200);
    expect(await answersOf("once", "trained")).toBe(before);
  });
});

describe("methods other than POST", () => {
  it("ignore the header", async () => {
    const headers = { "Idempotency-Key": "patch-1" };
    for (const description of ["one", "two"]) {
      const head = await must("PATCH", "/v1/heads/trained", { key, body: { description }, headers });
      expect(head).toMatchObject({ description });
    }
  });
});

it("a committed request gets its response even if the response cannot be stored", async () => {
  const full = async (): Promise<void> => {
    throw new Error("database or disk is full: SQLITE_FULL");
  };
  const ledger: IdempotencyRpc = {
    claimKey: async () => ({ kind: "run" }),
    renewKey: async () => undefined,
    keepAnswer: full,
    dropKey: full,
  };
  const headers = { Authorization: "Bearer x", "Idempotency-Key": "k" };
  const request = () => new Request("http://a.test/v1/x", { method: "POST", headers });
  for (const status of [201, 429]) {
    const response = await answerOnce(request(), "req_1", ledger, async () => answer({ made: true }, status));
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ made: true });
  }
});
