// One object for the whole deployment. It stores the ids of all tenants, which the operator lists, the head that each webhook
// source belongs to, and which files of deleted heads are still to be deleted.
import type { Page, PageQuery } from "../src/contract/common.ts";
import type * as Tenants from "../src/contract/tenant-rpc.ts";
import { type Outcome, outcomeOf } from "../src/core/problems.ts";
import { type Bindings, readEnv } from "../src/env.ts";
import { deleteDropped } from "./directory/delete-dropped.ts";
import { type DirectoryStore, openDirectoryStore } from "./directory/store.ts";
import { LEDGER, type Ledger, LedgerObject } from "./kit/ledger.ts";

const NO_BUCKET_RETRY_MS = 3_600_000;

export class DirectoryObject extends LedgerObject implements Tenants.DirectoryRpc {
  readonly #store: DirectoryStore;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.#store = openDirectoryStore(ctx.storage);
    void ctx.blockConcurrencyWhile(() => this.#arm()); // PLATFORM: an alarm that fails six times is dropped
  }

  async #arm(): Promise<void> {
    const next = this.#store.dropped.nextAt();
    const soonest = readEnv(this.env).files ? 0 : Date.now() + NO_BUCKET_RETRY_MS;
    if (next !== null) await this.ctx.storage.setAlarm(Math.max(next, soonest));
  }

  override async alarm(): Promise<void> {
    const { files } = readEnv(this.env);
    if (files) await deleteDropped(this.#store.dropped, files, Date.now);
    await this.#arm();
  }

  async put(tenant: string): Promise<void> {
    this.#store.tenants.add(tenant);
  }

  async has(tenant: string): Promise<boolean> {
    return this.#store.tenants.has(tenant);
  }

  list(page: PageQuery): Promise<Outcome<Page<string>>> {
    return outcomeOf(() => this.#store.tenants.list(page));
  }

  async remove(tenant: string): Promise<void> {
    this.#store.tenants.remove(tenant);
  }

  async putSource(source: string, route: Tenants.SourceRoute): Promise<void> {
    this.#store.sources.put(source, route);
  }

  async sourceRoute(source: string): Promise<Tenants.SourceRoute | null> {
    return this.#store.sources.get(source);
  }

  async removeSource(source: string): Promise<void> {
    this.#store.sources.remove(source);
  }

  async removeSources(owner: Pick<Tenants.Principal, "tenant" | "space">, head: string | null): Promise<void> {
    this.#store.sources.removeOf(owner, head);
  }

  async dropFiles(prefix: string): Promise<void> {
    this.#store.dropped.add(prefix, Date.now());
    await this.#arm();
  }

  [LEDGER](): Ledger {
    return this.#store.idempotency;
  }
}
