// One object per tenant: its record, keys, heads and quotas. A key is known here by its SHA-256 only.
import type * as Tenants from "../src/contract/tenant-rpc.ts";
import { DELIVERY } from "../src/core/limits.ts";
import { Fault, type Outcome, outcomeOf } from "../src/core/problems.ts";
import { type Bindings, readEnv } from "../src/env.ts";
import { classOf, RUN } from "./kit/calls.ts";
import { LEDGER, type Ledger } from "./kit/ledger.ts";
import { Queues } from "./kit/queues.ts";
import { TENANT_CALLS } from "./tenant/all-calls.ts";
import { newKeyOf } from "./tenant/calls.ts";
import { Courier, nextDueAt } from "./tenant/courier.ts";
import { forgetElsewhere } from "./tenant/forget-elsewhere.ts";
import { viewOfTenant } from "./tenant/record.ts";
import { openTenantStore, type TenantStore } from "./tenant/store.ts";
import { migrateStored, principalOf, storeTenant } from "./tenant/stored-tenant.ts";

/** An alarm that is later than this counts as lost. */
const OVERDUE_MS = 60_000;

const Calls = classOf<Tenants.TenantRpc, TenantStore>()(TENANT_CALLS);

export class TenantObject extends Calls implements Tenants.TenantRpc {
  #store: TenantStore | null = null;
  readonly #courier = new Courier();
  /** Serialises creation and deletion of the tenant itself. */
  readonly #lives = new Queues();

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(() => this.#wake());
  }

  /** Resumes the deliveries that the last instance was sending. */
  async #wake(): Promise<void> {
    if (!migrateStored(this.ctx.storage)) return;
    this.#store = this.#open();
    this.#store?.deliveries.release(Date.now());
    if (this.#store) await this.#armCourier(this.#store);
  }

  #open(): TenantStore | null {
    const wakeCourier = (): void => this.#courier.wake();
    return openTenantStore(this.ctx.storage, wakeCourier, (owner) => ({
      head: (id, generation) => readEnv(this.env).head(owner, id, generation),
      removeSources: (head) => readEnv(this.env).directory().removeSources(owner, head),
      dropFiles: (prefix) => readEnv(this.env).directory().dropFiles(prefix),
    }));
  }

  /** PLATFORM: while the courier sends, the alarm is set to a later time, so that the object wakes again if the runtime dies. */
  override async alarm(): Promise<void> {
    const store = this.#store;
    if (!store?.alarms.due(Date.now()).includes("deliver")) return store?.alarms.arm();
    await store.alarms.move("deliver", Date.now() + DELIVERY.graceSeconds * 1_000);
    const isCurrent = (): boolean => this.#store === store;
    const { webhooks: settings } = readEnv(this.env);
    await this.#courier.drain(store, { settings, fetch, now: Date.now, random: Math.random, isCurrent });
    if (isCurrent()) await this.#armCourier(store);
  }

  async #armCourier(store: TenantStore): Promise<void> {
    const at = this.#courier.isBusy ? Date.now() : nextDueAt(store);
    if (at === null) store.alarms.clear("deliver");
    else await store.alarms.move("deliver", at);
    await store.alarms.arm();
  }

  [RUN]<T>(work: (store: TenantStore) => T | Promise<T>): Promise<Outcome<T>> {
    return outcomeOf(async () => {
      const store = this.#store;
      if (!store) throw new Fault("not_found", "There is no such tenant");
      // PLATFORM: the runtime retries an alarm six times and then drops it. Any call that finds an overdue alarm sets it again.
      if (store.alarms.due(Date.now() - OVERDUE_MS).length > 0) await store.alarms.arm();
      return work(store);
    });
  }

  create(id: string, name: string): Promise<Outcome<Tenants.NewTenant>> {
    return outcomeOf(() =>
      this.#lives.run("", async () => {
        // Created before anything is written: a tenant without a key could neither be used nor created again.
        const first = await newKeyOf(id, { scopes: ["admin"], name: "first key" });
        if (this.#store?.tenant().deleting) await this.#finishDeletion(this.#store);
        if (this.#store) throw new Fault("conflict", `There is a tenant "${id}" already`);
        await readEnv(this.env).directory().put(id); // first: a tenant that exists is always listed
        return this.#make(id, name, first);
      }),
    );
  }

  #make(id: string, name: string, first: Awaited<ReturnType<typeof newKeyOf>>): Tenants.NewTenant {
    const { storage } = this.ctx;
    return storage.transactionSync(() => {
      storeTenant(storage, id, name, Date.now());
      const store = this.#open() as TenantStore;
      const view = store.keys.add(first.row, first.hash);
      this.#store = store;
      return { ...view, key: first.key, tenant: viewOfTenant(store.tenant()) };
    });
  }

  finishDeletion(): Promise<Outcome<null>> {
    return outcomeOf(() =>
      this.#lives.run("", async () => {
        const { name } = this.ctx.id;
        if (this.#store?.tenant().deleting) await this.#finishDeletion(this.#store);
        else if (!this.#store && name !== undefined) await readEnv(this.env).directory().remove(name);
        return null;
      }),
    );
  }

  /** Deletes the tenant's own storage last, so that a deletion that stopped halfway can be repeated. */
  async #finishDeletion(store: TenantStore): Promise<void> {
    await forgetElsewhere(store, readEnv(this.env).directory());
    this.#store = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  async authenticate(keyHash: string): Promise<Outcome<Tenants.Principal | null>> {
    return { ok: true, value: this.#store && principalOf(this.#store, keyHash, Date.now()) };
  }

  [LEDGER](): Ledger {
    return this.#store?.idempotency ?? null;
  }
}
