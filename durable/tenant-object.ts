// One object per tenant: its record, keys, heads and quotas. A key is known here by its SHA-256 only.
import { DurableObject } from "cloudflare:workers";
import type { CreatedKey } from "../src/contract/keys.ts";
import type * as Rpc from "../src/contract/rpc.ts";
import type * as Tenants from "../src/contract/tenant-rpc.ts";
import type { TenantView } from "../src/contract/tenants.ts";
import { randomBase62 } from "../src/core/ids.ts";
import { Fault, type Outcome, outcomeOf } from "../src/core/problems.ts";
import { systemRandom } from "../src/core/random.ts";
import { answerCalls, RUN, type Shell } from "./kit/calls.ts";
import { isStored, migrate } from "./kit/migrations.ts";
import { MetaTable } from "./tables/meta.ts";
import { headNameCalls, keyCalls, newKeyOf, recordCalls } from "./tenant/calls.ts";
import { endpointCalls } from "./tenant/endpoint-calls.ts";
import {
  openTenantStore,
  quotasOf,
  TENANT_MIGRATIONS,
  type TenantMeta,
  type TenantStore,
  viewOfTenant,
} from "./tenant/store.ts";

const CALLS = { ...recordCalls, ...keyCalls, ...headNameCalls, ...endpointCalls };

/** The calls of the tables above. */
export interface TenantObject extends Pick<Tenants.TenantRpc, keyof typeof CALLS> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: answerCalls makes it true, and the tables cover their names.
export class TenantObject extends DurableObject implements Tenants.TenantRpc, Shell<TenantStore> {
  #store: TenantStore | null = null;

  constructor(ctx: DurableObjectState, env: never) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => this.#wake());
  }

  #wake(): void {
    if (!isStored(this.ctx.storage.sql)) return;
    migrate(this.ctx.storage, TENANT_MIGRATIONS);
    this.#store = openTenantStore(this.ctx.storage);
  }

  [RUN]<T>(work: (store: TenantStore) => T | Promise<T>): Promise<Outcome<T>> {
    return outcomeOf(() => {
      if (!this.#store) throw new Fault("not_found", "There is no such tenant");
      return work(this.#store);
    });
  }

  create(id: string, name: string): Promise<Outcome<CreatedKey & { tenant: TenantView }>> {
    return outcomeOf(async () => {
      // Made before anything is written: a tenant without a key could neither be used nor be made again.
      const first = await newKeyOf(id, { scopes: ["admin"], name: "first key" });
      if (this.#store) throw new Fault("conflict", `There is a tenant "${id}" already`);
      const { storage } = this.ctx;
      const space = randomBase62(12, systemRandom);
      return storage.transactionSync(() => {
        migrate(storage, TENANT_MIGRATIONS);
        const meta = new MetaTable<TenantMeta>(storage.sql);
        meta.set("tenant", { id, name, quotas: {}, createdAt: Date.now(), deleting: false, space });
        const store = openTenantStore(storage) as TenantStore;
        const view = store.keys.add(first.row, first.hash);
        this.#store = store;
        return { ...view, key: first.key, tenant: viewOfTenant(store) };
      });
    });
  }

  async destroy(): Promise<void> {
    this.#store = null;
    await this.ctx.storage.deleteAll();
  }

  async authenticate(keyHash: string): Promise<Outcome<Tenants.Principal | null>> {
    if (!this.#store || this.#store.tenant().deleting) return { ok: true, value: null };
    const scope = this.#store.keys.scopeOf(keyHash, Date.now());
    const tenant = this.#store.tenant();
    return { ok: true, value: scope && { tenant: tenant.id, space: tenant.space, scope, quotas: quotasOf(tenant) } };
  }

  async removeHead(id: string): Promise<void> {
    this.#store?.heads.remove(id);
  }

  async claimKey(key: string): Promise<Rpc.IdempotencyVerdict> {
    return this.#store?.idempotency.claim(key, Date.now()) ?? { kind: "run" };
  }

  async keepAnswer(key: string, fingerprint: string, answer: Rpc.StoredAnswer): Promise<void> {
    this.#store?.idempotency.keep(key, fingerprint, answer, Date.now());
  }

  async dropKey(key: string): Promise<void> {
    this.#store?.idempotency.drop(key);
  }
}

answerCalls(TenantObject, CALLS);
