// The operator's side: tenants and their quotas, created, listed, changed and deleted.
import { describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { CreatedTenant, TenantView } from "../../src/contract/tenants.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, call, makeHead, makeTenant, must, upload } from "../support/service.ts";

const operator = (method: string, path: string, body?: unknown) => call(method, path, { key: ADMIN_KEY, body });

describe("the creation of a tenant", () => {
  it("is answered with 201, the tenant, its location, and a first key with the scope admin", async () => {
    const body = { id: "acme", name: "Acme Ltd" };
    const answer = await call<CreatedTenant>("POST", "/v1/tenants", { key: ADMIN_KEY, body });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Location")).toBe("/v1/tenants/acme");
    expect(answer.body).toEqual({ ...body, created_at: expect.any(String), key: expect.any(String) });
    expect(new Date(answer.body.created_at).toISOString()).toBe(answer.body.created_at);
    expect((await call("GET", "/v1/keys", { key: answer.body.key })).status).toBe(200);
  });

  it("uses the id as name if no name is given", async () => {
    expect((await makeTenant("nameless")).name).toBe("nameless");
  });

  it("is answered with 409 if the id is in use, and the first tenant's key stays valid", async () => {
    const { key } = await makeTenant("taken");
    expectProblem(await operator("POST", "/v1/tenants", { id: "taken" }), 409, "conflict");
    expect((await call("GET", "/v1/heads", { key })).status).toBe(200);
  });

  it.each(["", "-x", "Acme", "a b", "a_b", "a/b", "ä", "x".repeat(41), 7, null])(
    "is refused with the id %j",
    async (id) => {
      const answer = await operator("POST", "/v1/tenants", { id });
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body.errors?.[0]?.pointer).toBe("/id");
    },
  );

  it("accepts the longest possible id", async () => {
    expect((await makeTenant("x".repeat(40))).id).toBe("x".repeat(40));
  });
});

describe("the list of tenants", () => {
  it("contains each of them once and in order, in pages", async () => {
    for (const id of ["page-c", "page-a", "page-b"]) await makeTenant(id);
    const seen: string[] = [];
    for (let after = "page"; ; ) {
      const path = `/v1/tenants?limit=1&after=${after}`;
      const page = await must<Page<TenantView>>("GET", path, { key: ADMIN_KEY });
      expect(page.data.length).toBe(1);
      seen.push(page.data[0]?.id as string);
      expect(page.has_more).toBe(page.next !== null);
      if (page.next === null || seen.length === 3) break;
      after = page.next;
    }
    expect(seen).toEqual(["page-a", "page-b", "page-c"]);
  });

  it("contains no key and no hash of a key", async () => {
    await makeTenant("quiet");
    const { text } = await operator("GET", "/v1/tenants?limit=200");
    expect(text).not.toMatch(/ll_|hash|"key"/);
  });
});

describe("a tenant", () => {
  it("is shown with its quotas", async () => {
    await makeTenant("shown");
    const tenant = await must<TenantView>("GET", "/v1/tenants/shown", { key: ADMIN_KEY });
    expect(tenant).toMatchObject({ id: "shown", quotas: { heads: 1_000, examples_per_head: LIMITS.examplesPerHead } });
  });

  it("keeps a quota that a later change omits", async () => {
    await makeTenant("patched");
    await operator("PATCH", "/v1/tenants/patched", { quotas: { heads: 3 } });
    const body = { name: "Patched", quotas: { examples_per_head: 5 } };
    const tenant = await must<TenantView>("PATCH", "/v1/tenants/patched", { key: ADMIN_KEY, body });
    expect(tenant).toMatchObject({ name: "Patched", quotas: { heads: 3, examples_per_head: 5 } });
  });

  it("gets 429 with Retry-After for a head above its quota, and may create one again after a deletion", async () => {
    const { key } = await makeTenant("few-heads");
    await operator("PATCH", "/v1/tenants/few-heads", { quotas: { heads: 1 } });
    await makeHead(key, "one");
    const body = { id: "two", task: "classification", backbone: "features", dimension: 2 };
    const refused = await call("POST", "/v1/heads", { key, body });
    expectProblem(refused, 429, "quota_exceeded");
    expect(refused.headers.get("Retry-After")).toMatch(/^\d+$/);
    await call("DELETE", "/v1/heads/one", { key });
    expect((await makeHead(key, "two")).id).toBe("two");
  });

  it("gets 429 with Retry-After for feedback above its quota", async () => {
    const { key } = await makeTenant("no-examples");
    await operator("PATCH", "/v1/tenants/no-examples", { quotas: { examples_per_head: 0 } });
    await makeHead(key, "full");
    const body = { input: { features: [1, 1] }, label: "a" };
    const refused = await call("POST", "/v1/heads/full/feedback", { key, body });
    expectProblem(refused, 429, "quota_exceeded");
    expect(refused.headers.get("Retry-After")).toMatch(/^\d+$/);
  });

  it("has examples above its quota rejected, and keeps those before", async () => {
    const { key } = await makeTenant("few-examples");
    await operator("PATCH", "/v1/tenants/few-examples", { quotas: { examples_per_head: 2 } });
    await makeHead(key, "small");
    const rows = [1, 2, 3].map((n) => ({ id: `e${n}`, features: [n, n], label: "a" }));
    const result = await upload(key, "small", rows);
    expect(result).toMatchObject({ added: 2, rejected: [{ index: 2, code: "quota_exceeded" }] });
    expect(await upload(key, "small", [{ ...rows[0], label: "b" }])).toMatchObject({ updated: 1, rejected: [] });
  });

  it("is answered with 404 by every method if there is no such tenant", async () => {
    expectProblem(await operator("GET", "/v1/tenants/nobody"), 404, "not_found");
    expectProblem(await operator("PATCH", "/v1/tenants/nobody", {}), 404, "not_found");
    expectProblem(await operator("DELETE", "/v1/tenants/nobody"), 404, "not_found");
    expectProblem(await operator("POST", "/v1/tenants/nobody/keys", { scopes: ["read"] }), 404, "not_found");
  });
});

describe("the deletion of a tenant", () => {
  it("deletes everything: its keys are refused, its heads are gone, and its id can be used again", async () => {
    const first = await makeTenant("phoenix");
    await makeHead(first.key, "ash");
    await upload(first.key, "ash", [{ features: [1, 2], label: "a" }]);
    expect((await operator("DELETE", "/v1/tenants/phoenix")).status).toBe(204);
    expectProblem(await call("GET", "/v1/heads/ash", { key: first.key }), 401, "unauthenticated");
    expectProblem(await operator("GET", "/v1/tenants/phoenix"), 404, "not_found");
    expect((await operator("GET", "/v1/tenants?limit=200")).text).not.toContain('"phoenix"');

    const second = await makeTenant("phoenix");
    expectProblem(await call("GET", "/v1/heads", { key: first.key }), 401, "unauthenticated");
    const heads = await must<Page<HeadView>>("GET", "/v1/heads", { key: second.key });
    expect(heads.data).toEqual([]);
    expectProblem(await call("GET", "/v1/heads/ash", { key: second.key }), 404, "not_found");
    expect((await makeHead(second.key, "ash")).examples.total).toBe(0);
  });
});
