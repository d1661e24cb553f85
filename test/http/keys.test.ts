// Keys of a tenant: their form, their scopes, and their expiry.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { CreatedKey, KeyView } from "../../src/contract/keys.ts";
import { expectProblem } from "../support/problems.ts";
import { ADMIN_KEY, call, makeKey, makeTenant, must } from "../support/service.ts";

let admin = "";
beforeAll(async () => {
  admin = (await makeTenant("keyring")).key;
});

const make = (body: unknown) => must<CreatedKey>("POST", "/v1/keys", { key: admin, body });
const opens = async (key: string): Promise<boolean> => (await call("GET", "/v1/heads", { key })).status === 200;

describe("a key", () => {
  it("is ll_, the tenant, 30 base62 characters and 6 of checksum", async () => {
    const { key } = await make({ scopes: ["read"] });
    expect(key).toMatch(/^ll_keyring_[0-9A-Za-z]{30}[0-9A-Za-z]{6}$/);
  });

  it("is refused if it is truncated, extended, mistyped or of another tenant", async () => {
    const { key } = await make({ scopes: ["read"] });
    await makeTenant("keyring-other");
    const last = key.endsWith("0") ? "1" : "0";
    const wrong = [key.slice(0, -1), `${key}0`, key.slice(0, -1) + last, key.toUpperCase(), key.slice(3)];
    for (const bad of [...wrong, key.replace("keyring", "keyring-other"), "x", "Bearer"]) {
      expectProblem(await call("GET", "/v1/heads", { key: bad }), 401, "unauthenticated");
    }
  });

  it("is accepted only in the Authorization header as Bearer", async () => {
    const get = (Authorization: string) => call("GET", "/v1/heads", { headers: { Authorization } });
    expect((await get(`bearer ${admin}`)).status).toBe(200);
    for (const header of [admin, `Basic ${admin}`, `Bearer ${admin} ${admin}`, "Bearer", "Bearer "]) {
      const answer = await get(header);
      expectProblem(answer, 401, "unauthenticated");
      expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
    }
    expectProblem(await call("GET", `/v1/heads?key=${admin}`), 401, "unauthenticated");
  });

  it("has the rights of the widest of its scopes", async () => {
    const { key } = await make({ scopes: ["write", "predict"] });
    expect(await opens(key)).toBe(true);
    expectProblem(await call("GET", "/v1/keys", { key }), 403, "forbidden");
  });

  it("is refused once it has expired", async () => {
    const expires = Date.now() + 1_000;
    const { key } = await make({ scopes: ["read"], expires_at: new Date(expires).toISOString() });
    await scheduler.wait(expires - Date.now() + 5);
    expectProblem(await call("GET", "/v1/heads", { key }), 401, "unauthenticated");
  });

  it("is valid until it expires, whatever the offset in the given time", async () => {
    const created = await make({ scopes: ["read"], expires_at: "2999-12-31T23:30:00.5+02:00" });
    expect(created.expires_at).toBe("2999-12-31T21:30:00.500Z");
    expect(await opens(created.key)).toBe(true);
  });

  it.each(["2020-01-01T00:00:00Z", new Date(0).toISOString(), "1999-12-31T23:30:00.5+02:00"])(
    "is not created with the expiry %s, which is in the past",
    async (expires_at) => {
      const answer = await call("POST", "/v1/keys", { key: admin, body: { scopes: ["read"], expires_at } });
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body.errors).toMatchObject([{ pointer: "/expires_at" }]);
    },
  );

  it.each(["2999-02-30T00:00:00Z", "2999-01-01", "tomorrow", "", 1e12, null, "2999-01-01T24:00:00Z"])(
    "is not created with the expiry %j, which is not a time",
    async (expires_at) => {
      const answer = await call("POST", "/v1/keys", { key: admin, body: { scopes: ["read"], expires_at } });
      expectProblem(answer, 400, "invalid_request");
      expect(answer.body.errors?.[0]?.pointer).toBe("/expires_at");
    },
  );

  it.each([[[]], [["root"]], ["admin"], [null], [["admin", "x"]]])(
    "is not created with the scopes %j",
    async (scopes) => {
      expectProblem(await call("POST", "/v1/keys", { key: admin, body: { scopes } }), 400, "invalid_request");
    },
  );
});

describe("the list of keys", () => {
  it("shows id, name, scopes and times, and never a secret or its hash", async () => {
    const { key, ...shown } = await make({ scopes: ["predict"], name: "for the shop" });
    const answer = await call<Page<KeyView>>("GET", "/v1/keys?limit=200", { key: admin });
    expect(answer.body.data).toContainEqual(shown);
    expect(answer.text).not.toMatch(/ll_keyring_/);
    expect(answer.text).not.toContain(key.slice(-36));
    const fields = ["created_at", "expires_at", "id", "name", "requests_per_minute", "scopes"];
    expect(Object.keys(answer.body.data[0] ?? {}).sort()).toEqual(fields);
  });

  it("has pages that neither lose nor repeat a key", async () => {
    const all = await must<Page<KeyView>>("GET", "/v1/keys?limit=200", { key: admin });
    const ids: string[] = [];
    for (let after = ""; ; ) {
      const page: Page<KeyView> = await must("GET", `/v1/keys?limit=2${after}`, { key: admin });
      ids.push(...page.data.map(({ id }) => id));
      if (!page.has_more) break;
      after = `&after=${page.next}`;
    }
    expect(ids).toEqual(all.data.map(({ id }) => id));
  });
});

describe("the revocation of a key", () => {
  it("is answered with 204, and the second time with 404, and the key is refused from then on", async () => {
    const { id, key } = await make({ scopes: ["read"] });
    expect(await opens(key)).toBe(true);
    expect((await call("DELETE", `/v1/keys/${id}`, { key: admin })).status).toBe(204);
    expectProblem(await call("GET", "/v1/heads", { key }), 401, "unauthenticated");
    expectProblem(await call("DELETE", `/v1/keys/${id}`, { key: admin }), 404, "not_found");
  });

  it("does not affect a key of another tenant", async () => {
    const { key: theirs } = await makeTenant("keyring-third");
    const { id, key } = await makeKey("keyring-third", "read");
    expectProblem(await call("DELETE", `/v1/keys/${id}`, { key: admin }), 404, "not_found");
    expect(await opens(key)).toBe(true);
    expect(await opens(theirs)).toBe(true);
  });
});

describe("the operator", () => {
  it("creates keys of a tenant with the admin key", async () => {
    const body = { scopes: ["read"], name: "made by the operator" };
    const answer = await call<CreatedKey>("POST", "/v1/tenants/keyring/keys", { key: ADMIN_KEY, body });
    expect(answer.status).toBe(201);
    expect(await opens(answer.body.key)).toBe(true);
  });
});
