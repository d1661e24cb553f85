// One object per tenant: its record, keys, heads and quotas. A key is known here by its SHA-256 only.
import { DurableObject } from "cloudflare:workers";
import type { Page, PageQuery } from "../src/contract/common.ts";
import type { CreatedKey, KeyView, NewKey } from "../src/contract/keys.ts";
import type * as Rpc from "../src/contract/rpc.ts";
import type * as Tenants from "../src/contract/tenant-rpc.ts";
import type { TenantPatch, TenantView } from "../src/contract/tenants.ts";
import { sha256Hex, utf8 } from "../src/core/bytes.ts";
import { makeId, makeKey, randomBase62 } from "../src/core/ids.ts";
import { LIMITS } from "../src/core/limits.ts";
import { Fault, type Outcome, outcomeOf } from "../src/core/problems.ts";
import { systemRandom } from "../src/core/random.ts";
import { isStored, migrate } from "./kit/migrations.ts";
import { MetaTable } from "./tables/meta.ts";
import {
  openTenantStore,
  quotasOf,
  TENANT_MIGRATIONS,
  type TenantMeta,
  type TenantStore,
  viewOfTenant,
} from "./tenant/store.ts";

export class TenantObject extends DurableObject implements Tenants.TenantRpc {
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

  #with<T>(work: (store: TenantStore) => T | Promise<T>): Promise<Outcome<T>> {
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

  describe(): Promise<Outcome<TenantView>> {
    return this.#with(viewOfTenant);
  }

  update({ name, quotas }: TenantPatch): Promise<Outcome<TenantView>> {
    return this.#with((store) => {
      const before = store.tenant();
      store.meta.set("tenant", { ...before, name: name ?? before.name, quotas: { ...before.quotas, ...quotas } });
      return viewOfTenant(store);
    });
  }

  beginDeletion(): Promise<Outcome<{ space: string; heads: string[] }>> {
    return this.#with((store) => {
      const tenant = store.tenant();
      store.meta.set("tenant", { ...tenant, deleting: true });
      return { space: tenant.space, heads: store.heads.all() };
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

  createKey(request: NewKey): Promise<Outcome<CreatedKey>> {
    return this.#with((store) => addKey(store, request));
  }

  listKeys(page: PageQuery): Promise<Outcome<Page<KeyView>>> {
    return this.#with(({ keys }) => keys.list(page));
  }

  revokeKey(id: string): Promise<Outcome<null>> {
    return this.#with(({ keys }) => {
      if (!keys.remove(id)) throw new Fault("not_found", `There is no key "${id}"`);
      return null;
    });
  }

  reserveHead(id: string): Promise<Outcome<null>> {
    return this.#with((store) => {
      if (store.tenant().deleting) throw new Fault("not_found", "The tenant is being deleted");
      const { heads: most } = quotasOf(store.tenant());
      if (!store.heads.has(id) && store.heads.count() >= most) {
        throw new Fault("quota_exceeded", `The tenant has ${most} heads, which is its quota; delete one first`);
      }
      store.heads.add(id);
      return null;
    });
  }

  listHeads(page: PageQuery): Promise<Outcome<Page<string>>> {
    return this.#with(({ heads }) => heads.list(page));
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

async function addKey(store: TenantStore, request: NewKey): Promise<CreatedKey> {
  const { key, hash, row } = await newKeyOf(store.tenant().id, request);
  if (store.keys.count(Date.now()) >= LIMITS.keysPerTenant) {
    throw new Fault(
      "quota_exceeded",
      `The tenant has ${LIMITS.keysPerTenant} keys, which is the most; revoke one first`,
    );
  }
  return { ...store.keys.add(row, hash), key };
}

/** A key that no table has yet. */
async function newKeyOf(tenant: string, { scopes, name, expires_at: expiresAt }: NewKey) {
  const key = makeKey(tenant, systemRandom);
  const expires = expiresAt === undefined ? null : Date.parse(expiresAt);
  const row = {
    id: makeId("key", systemRandom),
    name: name ?? null,
    scopes,
    createdAt: Date.now(),
    expiresAt: expires,
  };
  return { key, hash: await sha256Hex(utf8(key)), row };
}
