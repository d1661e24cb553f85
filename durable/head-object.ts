// One object per head of a tenant: a thin shell that opens the store, calls one thing and answers with a value.
import { DurableObject } from "cloudflare:workers";
import type { HeadView } from "../src/contract/heads.ts";
import type * as Rpc from "../src/contract/rpc.ts";
import type { SourceRpc } from "../src/contract/source-rpc.ts";
import { logEvent } from "../src/core/log.ts";
import { Fault, type Outcome, outcomeOf } from "../src/core/problems.ts";
import { type Bindings, ownerOfHead, readEnv } from "../src/env.ts";
import { HEAD_CALLS } from "./head/all-calls.ts";
import type { HeadTools } from "./head/calls.ts";
import { tellServing } from "./head/live.ts";
import { decideNow } from "./head/policy.ts";
import { Refusals } from "./head/refusals.ts";
import { Relay } from "./head/relay.ts";
import { type HeadAlarm, type HeadStore, openHeadStore } from "./head/store.ts";
import { storeHead, updateStoredHead } from "./head/stored-head.ts";
import { keepUp } from "./head/upkeep.ts";
import { reportUse } from "./head/use.ts";
import { viewOfHead } from "./head/view.ts";
import { answerCalls, RUN, type Shell } from "./kit/calls.ts";
import { type KeepsLedger, LEDGER, type Ledger, rememberAnswers } from "./kit/ledger.ts";
import { isStored } from "./kit/migrations.ts";
import { Pace } from "./kit/pace.ts";
import { Signal } from "./kit/signal.ts";

/** Alarms later than this have been lost, not delayed. */
const OVERDUE_MS = 60_000;
/** Between two looks for one. */
const LOOK_EVERY_MS = 10_000;

const BROKEN = {
  ok: false,
  fault: { code: "head_broken", detail: "The head cannot be read; delete it, or ask the operator, whose log says why" },
} as const;
const NOT_MADE = { ok: false, fault: { code: "not_found", detail: "There is no such head" } } as const;

/** The calls of the tables. */
export interface HeadObject extends Pick<Rpc.HeadRpc & SourceRpc, keyof typeof HEAD_CALLS>, Rpc.IdempotencyRpc {}

export class HeadObject
  extends DurableObject<Bindings>
  implements Rpc.HeadRpc, SourceRpc, KeepsLedger, Shell<HeadTools>
{
  readonly #changed = new Signal();
  #store: HeadStore | null = null;
  readonly #pace = new Pace();
  readonly #relay = new Relay();
  readonly #refusals = new Refusals();
  #training = false;
  #lookedAt = 0;
  /** Whether what it keeps cannot be read. */
  #isBroken = false;
  /** When the last head of this name was made, as far as this object remembers: no two are made at one time. */
  #born = 0;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(() => this.#wakeSafely());
  }

  /**
   * PLATFORM: an object whose constructor throws cannot be called at all, and so could never be deleted. One that cannot wake
   * says so to every call but that one, and tries again at the next.
   */
  async #wakeSafely(): Promise<void> {
    try {
      await this.#wake();
      this.#isBroken = false;
    } catch (error) {
      this.#isBroken = true;
      logEvent("error", "head_broken", { head: this.ctx.id.name, error: String(error) });
    }
  }

  /** Brings the schema up to date and goes on with what was under way. A head that was never made stays without storage. */
  async #wake(): Promise<void> {
    const { storage } = this.ctx;
    if (!isStored(storage.sql)) return;
    await updateStoredHead(storage, Date.now());
    this.#store = this.#open();
    if (this.#store?.jobs.open()) await this.#store.alarms.set("train", Date.now());
    else await this.#store?.alarms.arm();
  }

  #open(): HeadStore | null {
    const store = openHeadStore(this.ctx.storage, () => void this.#tell());
    const owner = ownerOfHead(this.ctx.id.name);
    if (store && owner && !store.meta.get("owner")) store.meta.set("owner", owner);
    return store;
  }

  async #reportUse(store: HeadStore): Promise<void> {
    const tenant = (id: string) => readEnv(this.env).tenant(id);
    await reportUse(store, { now: Date.now, tenant, isCurrent: () => this.#store === store });
  }

  /** Tells the tenant what is in the outbox; never fails: what was not told is told later. */
  async #tell(): Promise<void> {
    const store = this.#store;
    const tenant = (id: string) => readEnv(this.env).tenant(id);
    if (store) await this.#relay.run(store, { now: Date.now, tenant, isCurrent: () => this.#store === store });
  }

  [RUN]<T>(work: (tools: HeadTools) => T | Promise<T>): Promise<Outcome<T>> {
    return outcomeOf(async () => {
      await this.#assertReadable();
      const store = this.#store;
      if (!store) throw Fault.from(NOT_MADE.fault);
      await this.#noticeOverdue(store);
      const isCurrent = (): boolean => this.#store === store;
      const reportUse = (): Promise<void> => this.#reportUse(store);
      return work({
        store,
        now: Date.now,
        changed: this.#changed,
        refusals: this.#refusals,
        pace: this.#pace,
        isCurrent,
        reportUse,
      });
    });
  }

  async #assertReadable(): Promise<void> {
    if (this.#isBroken) await this.#wakeSafely();
    if (this.#isBroken) throw Fault.from(BROKEN.fault);
  }

  /** PLATFORM: an alarm is retried six times and then dropped; whoever comes by while one is overdue sets it again. */
  async #noticeOverdue({ alarms }: HeadStore): Promise<void> {
    const now = Date.now();
    if (this.#training || now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    if (alarms.due(now - OVERDUE_MS).length > 0) await alarms.arm();
  }

  override async alarm(): Promise<void> {
    if (this.#training) return; // the alarm that trains arms again as it ends
    const store = this.#store;
    const due = store?.alarms.due(Date.now()) ?? [];
    if (due.includes("outbox")) await this.#tell();
    if (store) await this.#keepUp(store, due);
    if (store && due.includes("policy")) await decideNow(store, Date.now());
    if (store && due.includes("train")) await this.#train(store);
    if (store && this.#store === store && (due.includes("train") || due.includes("usage")))
      await this.#reportUse(store);
    await this.#store?.alarms.arm();
  }

  #keepUp(store: HeadStore, due: readonly HeadAlarm[]): Promise<void> {
    const isCurrent = (): boolean => this.#store === store;
    return keepUp(store, due, { now: Date.now(), turn: () => this.#pace.turn(), isCurrent });
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
    return outcomeOf(async () => {
      await this.#assertReadable();
      if (this.#store) throw new Fault("conflict", `There is a head "${config.id}" already`);
      storeHead(this.ctx.storage, config, Math.max(Date.now(), this.#born + 1));
      this.#store = this.#open();
      return viewOfHead(this.#store as HeadStore, Date.now());
    });
  }

  async destroy(): Promise<void> {
    await this.#tell();
    this.#born = this.#store?.config.createdAt ?? this.#born;
    this.#store = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#isBroken = false;
    this.#changed.notify();
  }

  /** Asked for by predictions: what trains on the same thread leaves them room. */
  serving(): Promise<string> {
    const store = this.#store;
    return this.#pace.during(async () =>
      store ? tellServing(store) : JSON.stringify(this.#isBroken ? BROKEN : NOT_MADE),
    );
  }

  [LEDGER](): Ledger {
    return this.#store?.idempotency ?? null;
  }
}

answerCalls(HeadObject, HEAD_CALLS);
rememberAnswers(HeadObject);
