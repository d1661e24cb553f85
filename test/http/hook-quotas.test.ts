// Usage by webhooks belongs to their tenant: counted like other uploads, and refused above the same quotas, except for
// forgeries.
import { expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { Quotas } from "../../src/contract/tenants.ts";
import type { UsageRow } from "../../src/contract/usage.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, makeTenant, makeTextHead, must, type ProblemBody } from "../support/service.ts";
import { deliver, makeSource } from "../support/webhooks.ts";

const setQuotas = (tenant: string, quotas: Quotas) =>
  must("PATCH", `/v1/tenants/${tenant}`, { key: ADMIN_KEY, body: { quotas } });

/** A tenant with a text head "head" and a source that adds to it. */
async function makeInbox(tenant: string, quotas: Quotas = {}) {
  const { key } = await makeTenant(tenant);
  await makeTextHead(key, "head");
  const mapping = { text: "/text", label: "/label", id: "/id" };
  const source = await makeSource(key, "head", { scheme: "standard-webhooks", action: "add", mapping });
  await setQuotas(tenant, quotas);
  const total = async () =>
    (await must<{ examples: { total: number } }>("GET", "/v1/heads/head", { key })).examples.total;
  return { key, source, total, forger: { ...source, secret: `whsec_${btoa("f".repeat(32))}` } };
}

const event = (id: number) => ({ id, text: `message ${id}`, label: "a" });

it("signed requests count as requests, and added examples count as examples and bytes", async () => {
  const { key, source, forger } = await makeInbox("hooks-used");
  await deliver(source, event(1), "d1");
  await deliver(source, event(1), "d1");
  await deliver(source, { ...event(2), text: "message 1" }, "d2");
  for (let i = 0; i < 5; i++) expect((await deliver(forger, event(3))).status).toBe(401);
  const { data } = await must<Page<UsageRow>>("GET", "/v1/usage?head=head", { key });
  // One of the requests is the creation of the source.
  expect(data).toMatchObject([{ head: "head", requests: 3 + 1, examples: 2, inputs: 0 }]);
  expect(data[0]?.storage_bytes).toBeGreaterThan(10_000);
});

it("a delivery that the tenant's limit of bytes refused is accepted when it is sent again", async () => {
  const { source, total } = await makeInbox("hooks-full", { storage_bytes: 0 });
  expectProblem(await deliver<ProblemBody>(source, event(1), "d1"), 429, "quota_exceeded");
  expect(await total()).toBe(0);
  await setQuotas("hooks-full", { storage_bytes: 10 ** 9 });
  expect((await deliver(source, event(1), "d1")).body.outcome).toBe("added");
});

it("new inputs above the rate are refused before they take effect; known inputs do not count", async () => {
  const { source, total } = await makeInbox("hooks-inputs", { inputs_per_minute: 2 });
  for (const id of [1, 2]) expect((await deliver(source, event(id), `d${id}`)).body.outcome).toBe("added");
  const refused = await deliver<ProblemBody>(source, event(3), "d3");
  expectProblem(refused, 429, "rate_limited");
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
  expect((await deliver(source, { ...event(1), label: "b" }, "d4")).body.outcome).toBe("updated");
  expect(await total()).toBe(2);
});

it("forged requests use none of the tenant's requests", async () => {
  const { source, forger } = await makeInbox("hooks-requests", { requests_per_minute: 5 }); // two were spent on head and source
  for (let i = 0; i < 10; i++) expectProblem(await deliver<ProblemBody>(forger, event(1)), 401, "bad_signature");
  for (const id of [1, 2, 3]) expect((await deliver(source, event(id))).status).toBe(202);
  expectProblem(await deliver<ProblemBody>(source, event(4)), 429, "rate_limited");
});
