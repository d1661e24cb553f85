// One object per head of a tenant: a thin shell that opens the store, calls one thing and answers with a value.
import { DurableObject } from "cloudflare:workers";
import type { HeadView } from "../src/contract/heads.ts";
import type * as Rpc from "../src/contract/rpc.ts";
import type { SourceRpc } from "../src/contract/source-rpc.ts";
import { LIMITS } from "../src/core/limits.ts";
import { Fault, type Outcome, outcomeOf } from "../src/core/problems.ts";
import { exampleCalls, type HeadTools, jobCalls, versionCalls } from "./head/calls.ts";
import type { ReadyVersions } from "./head/predictions.ts";
import { HEAD_MIGRATIONS } from "./head/schema.ts";
import { sourceCalls } from "./head/source-calls.ts";
import { type HeadMeta, type HeadStore, openHeadStore } from "./head/store.ts";
import { DEFAULT_POLICY, viewOfHead } from "./head/view.ts";
import { BoundedCache } from "./kit/bounded-cache.ts";
import { answerCalls, RUN, type Shell } from "./kit/calls.ts";
import { isStored, migrate } from "./kit/migrations.ts";
import { Pace } from "./kit/pace.ts";
import { Signal } from "./kit/signal.ts";
import { MetaTable } from "./tables/meta.ts";

/** Alarms later than this have been lost, not delayed. */
const OVERDUE_MS = 60_000;

const CALLS = { ...exampleCalls, ...jobCalls, ...versionCalls, ...sourceCalls };

/** The calls of the tables above. */
export interface HeadObject extends Pick<Rpc.HeadRpc & SourceRpc, keyof typeof CALLS> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: answerCalls makes it true, and the tables cover their names.
export class HeadObject extends DurableObject implements Rpc.HeadRpc, SourceRpc, Shell<HeadTools> {
  readonly #changed = new Signal();
  readonly #ready: ReadyVersions = new BoundedCache(LIMITS.servedVersionBytes);
  #store: HeadStore | null = null;
  readonly #pace = new Pace();
  #training = false;

  constructor(ctx: DurableObjectState, env: never) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(() => this.#wake());
  }

  /** Brings the schema up to date and goes on with what was under way. A head that was never made stays without storage. */
  async #wake(): Promise<void> {
    const { storage } = this.ctx;
    if (!isStored(storage.sql)) return;
    migrate(storage, HEAD_MIGRATIONS);
    this.#store = openHeadStore(storage);
    if (this.#store?.jobs.open()) await this.#store.alarms.set("train", Date.now());
    else await this.#store?.alarms.arm();
  }

  [RUN]<T>(work: (tools: HeadTools) => T | Promise<T>): Promise<Outcome<T>> {
    return outcomeOf(async () => {
      const store = this.#store;
      if (!store) throw new Fault("not_found", "There is no such head");
      await this.#noticeOverdue(store);
      return work({ store, now: Date.now, changed: this.#changed, isCurrent: () => this.#store === store });
    });
  }

  /** PLATFORM: an alarm is retried six times and then dropped; whoever comes by while one is overdue sets it again. */
  async #noticeOverdue({ alarms }: HeadStore): Promise<void> {
    if (!this.#training && alarms.due(Date.now() - OVERDUE_MS).length > 0) await alarms.arm();
  }

  override async alarm(): Promise<void> {
    const store = this.#store;
    if (store?.alarms.due(Date.now()).includes("train")) await this.#train(store);
    await this.#store?.alarms.arm();
  }

  async #train(store: HeadStore): Promise<void> {
    const isCurrent = (): boolean => this.#store === store;
    const tools = { now: Date.now, pace: this.#pace, notify: () => this.#changed.notify(), isCurrent };
    this.#training = true;
    try {
      const { runTraining } = await import("./head/training.ts"); // loaded here: starting does not wait for it
      await runTraining(store, tools);
    } finally {
      this.#training = false;
    }
  }

  create(config: Rpc.HeadConfig): Promise<Outcome<HeadView>> {
    return outcomeOf(() => {
      if (this.#store) throw new Fault("conflict", `There is a head "${config.id}" already`);
      const { storage } = this.ctx;
      storage.transactionSync(() => {
        migrate(storage, HEAD_MIGRATIONS);
        const meta = new MetaTable<HeadMeta>(storage.sql);
        meta.set("config", { ...config, createdAt: Date.now() });
        meta.set("description", { text: config.description });
        meta.set("policy", DEFAULT_POLICY);
      });
      this.#store = openHeadStore(storage);
      return viewOfHead(this.#store as HeadStore);
    });
  }

  async destroy(): Promise<void> {
    this.#store = null;
    this.#ready.clear();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#changed.notify();
  }

  predict(request: Rpc.PredictRequest): Promise<Outcome<Rpc.PredictAnswer>> {
    this.#pace.note();
    return this[RUN](async ({ store }) => {
      const { predictRows } = await import("./head/predictions.ts");
      return predictRows(store, this.#ready, request);
    });
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

answerCalls(HeadObject, CALLS);
