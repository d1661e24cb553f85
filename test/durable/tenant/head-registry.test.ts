// The registry of heads on a real tenant's tables, with head objects that fail on demand.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { TenantCalls } from "../../../durable/tenant/calls.ts";
import { registryCalls } from "../../../durable/tenant/head-registry.ts";
import type { OtherObjects } from "../../../durable/tenant/registry.ts";
import { openTenantStore, type TenantStore } from "../../../durable/tenant/store.ts";
import type { HeadView } from "../../../src/contract/heads.ts";
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import type { Outcome } from "../../../src/core/problems.ts";
import { makeTenant } from "../../support/service.ts";

const CONFIG = { id: "head" } as HeadConfig;
const CONFLICT = { ok: false, fault: { code: "conflict", detail: "There is a head already" } } as const;

/** Simulated head objects by generation: `made` contain a head, `failing` fail. */
class HeadObjects {
  readonly made = new Set<number>();
  readonly failing = new Set<number>();
  readonly reach: OtherObjects = {
    head: (_id, generation) => ({
      create: async () => this.#answer(generation, () => this.#create(generation)),
      describe: async () => this.#answer(generation, () => this.#describe(generation)),
      destroy: async () => this.#answer(generation, () => void this.made.delete(generation)),
    }),
    removeSources: async () => undefined,
    dropFiles: async () => undefined,
  };

  #answer<T>(generation: number, work: () => T): T {
    if (this.failing.has(generation)) throw new Error("The object failed");
    return work();
  }

  #create(generation: number): Outcome<HeadView> {
    if (this.made.has(generation)) return CONFLICT;
    this.made.add(generation);
    return { ok: true, value: { id: CONFIG.id } as HeadView };
  }

  #describe(generation: number): Outcome<HeadView> {
    if (this.made.has(generation)) return { ok: true, value: { id: CONFIG.id } as HeadView };
    return { ok: false, fault: { code: "not_found", detail: "There is no such head" } };
  }
}

type Registry = TenantCalls<"createHead" | "listHeads" | "deleteHead" | "settleHead">;

async function withRegistry(
  tenant: string,
  work: (calls: Registry, store: TenantStore, objects: HeadObjects) => Promise<void>,
): Promise<void> {
  await makeTenant(tenant);
  const stub = (env as unknown as { TENANTS: DurableObjectNamespace }).TENANTS.getByName(tenant);
  await runInDurableObject(stub, async (_, { storage }) => {
    const objects = new HeadObjects();
    const store = openTenantStore(
      storage,
      () => undefined,
      () => objects.reach,
    );
    await work(registryCalls, store as TenantStore, objects);
  });
}

it("a new head gets another object if the old one cannot be destroyed, and the same one if it can", () =>
  withRegistry("registry-moved", async (calls, store, objects) => {
    expect((await calls.createHead(store, CONFIG)).generation).toBe(0);
    expect(await calls.deleteHead(store, "head")).toBe(0);
    expect((await calls.createHead(store, CONFIG)).generation).toBe(0);
    objects.failing.add(0);
    expect(await calls.deleteHead(store, "head")).toBe(1);
    expect((await calls.createHead(store, CONFIG)).generation).toBe(1);
    expect((await calls.listHeads(store, { limit: 10 })).data).toEqual(["head"]);
  }));

it("an abandoned object is destroyed once it responds again, before the next head with the id is created", () =>
  withRegistry("registry-back", async (calls, store, objects) => {
    await calls.createHead(store, CONFIG);
    objects.failing.add(0);
    await calls.deleteHead(store, "head");
    objects.failing.clear();
    expect((await calls.createHead(store, CONFIG)).generation).toBe(1);
    expect([...objects.made]).toEqual([1]);
  }));

it("a new head gets another object if the one for its id is unusable, as older releases could leave it", () =>
  withRegistry("registry-left", async (calls, store, objects) => {
    objects.failing.add(0);
    expect((await calls.createHead(store, CONFIG)).generation).toBe(1);
  }));

it("the registry refuses to create a listed head whose object fails, and keeps its data", () =>
  withRegistry("registry-kept", async (calls, store, objects) => {
    await calls.createHead(store, CONFIG);
    objects.failing.add(0);
    await expect(async () => calls.createHead(store, CONFIG)).rejects.toThrow("delete it first");
    objects.failing.clear();
    expect([...objects.made]).toEqual([0]);
    expect(store.generations.of("head")).toBe(0);
  }));
