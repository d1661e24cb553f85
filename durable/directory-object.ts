// One object for the whole deployment. It stores the ids of all tenants, which the operator lists, the head that each webhook
// source belongs to, and which files of deleted heads are still to be deleted.
import type { Page, PageQuery } from "../src/contract/common.ts";
import type * as Tenants from "../src/contract/tenant-rpc.ts";
import { type Outcome, outcomeOf } from "../src/core/problems.ts";
import { type Bindings, readEnv } from "../src/env.ts";
import { deleteDropped } from "./directory/delete-dropped.ts";
import { CHUNKS_SCHEMA, ChunkTable } from "./kit/chunks.ts";
import { IDEMPOTENCY_BYTES, IDEMPOTENCY_OWNERS, IDEMPOTENCY_SCHEMA, IdempotencyTable } from "./kit/idempotency.ts";
import { LEDGER, LedgerObject } from "./kit/ledger.ts";
import { type Migration, migrate } from "./kit/migrations.ts";
import { DROPPED_FILES_SCHEMA, DroppedFileTable } from "./tables/dropped-files.ts";
import { NAMES_SCHEMA, NameTable } from "./tables/names.ts";
import { SOURCE_ROUTES_GENERATION, SOURCE_ROUTES_SCHEMA, SourceRouteTable } from "./tables/source-routes.ts";

/** Append-only: a migration that has run anywhere is never edited. */
const DIRECTORY_MIGRATIONS: readonly Migration[] = [
  [NAMES_SCHEMA, CHUNKS_SCHEMA, IDEMPOTENCY_SCHEMA].join("\n"),
  IDEMPOTENCY_OWNERS,
  SOURCE_ROUTES_SCHEMA,
  IDEMPOTENCY_BYTES,
  SOURCE_ROUTES_GENERATION,
  DROPPED_FILES_SCHEMA,
];

const NO_BUCKET_RETRY_MS = 3_600_000;

export class DirectoryObject extends LedgerObject implements Tenants.DirectoryRpc {
  readonly #tenants: NameTable;
  readonly #sources: SourceRouteTable;
  readonly #dropped: DroppedFileTable;
  readonly #idempotency: IdempotencyTable;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    migrate(ctx.storage, DIRECTORY_MIGRATIONS);
    this.#tenants = new NameTable(ctx.storage.sql);
    this.#sources = new SourceRouteTable(ctx.storage.sql);
    this.#dropped = new DroppedFileTable(ctx.storage.sql);
    this.#idempotency = new IdempotencyTable(ctx.storage.sql, new ChunkTable(ctx.storage.sql));
    void ctx.blockConcurrencyWhile(() => this.#arm()); // PLATFORM: an alarm that fails six times is dropped
  }

  async #arm(): Promise<void> {
    const next = this.#dropped.nextAt();
    const soonest = readEnv(this.env).files ? 0 : Date.now() + NO_BUCKET_RETRY_MS;
    if (next !== null) await this.ctx.storage.setAlarm(Math.max(next, soonest));
  }

  override async alarm(): Promise<void> {
    const { files } = readEnv(this.env);
    if (files) await deleteDropped(this.#dropped, files, Date.now);
    await this.#arm();
  }

  async put(tenant: string): Promise<void> {
    this.#tenants.add(tenant);
  }

  async has(tenant: string): Promise<boolean> {
    return this.#tenants.has(tenant);
  }

  list(page: PageQuery): Promise<Outcome<Page<string>>> {
    return outcomeOf(() => this.#tenants.list(page));
  }

  async remove(tenant: string): Promise<void> {
    this.#tenants.remove(tenant);
  }

  async putSource(source: string, route: Tenants.SourceRoute): Promise<void> {
    this.#sources.put(source, route);
  }

  async sourceRoute(source: string): Promise<Tenants.SourceRoute | null> {
    return this.#sources.get(source);
  }

  async removeSource(source: string): Promise<void> {
    this.#sources.remove(source);
  }

  async removeSources(owner: Pick<Tenants.Principal, "tenant" | "space">, head: string | null): Promise<void> {
    this.#sources.removeOf(owner, head);
  }

  async dropFiles(prefix: string): Promise<void> {
    if (!readEnv(this.env).files) return;
    this.#dropped.add(prefix, Date.now());
    await this.#arm();
  }

  [LEDGER](): IdempotencyTable | null {
    return this.#idempotency;
  }
}
