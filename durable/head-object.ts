// One object per head of a tenant. A thin shell: each method opens the store, calls one function and returns its value.
import type { HeadView } from "../src/contract/heads.ts";
import type * as Rpc from "../src/contract/rpc.ts";
import type { SourceRpc } from "../src/contract/source-rpc.ts";
import { HEAD_BROKEN } from "../src/core/head-broken.ts";
import { logEvent } from "../src/core/log.ts";
import { Fault, type Outcome, outcomeOf } from "../src/core/problems.ts";
import { type Bindings, idOfHead, ownerOfHead, readEnv } from "../src/env.ts";
import { type AlarmTools, runDue } from "./head/alarm.ts";
import { viewOfHead } from "./head/calls/head-view.ts";
import { HEAD_CALLS } from "./head/calls/table.ts";
import { reportUse } from "./head/quota-usage.ts";
import { Relay } from "./head/relay.ts";
import { servingText } from "./head/serving/serving-state.ts";
import { type HeadStore, openHeadStore } from "./head/store.ts";
import { storeHead, updateStoredHead } from "./head/stored-head.ts";
import { type HeadTools, newMemory, turnsWhile } from "./head/tools.ts";
import { classOf, RUN } from "./kit/calls.ts";
import { LEDGER, type Ledger } from "./kit/ledger.ts";

/** An alarm that is later than this counts as lost. */
const OVERDUE_MS = 60_000;
/** Time between two checks for a lost alarm. */
const LOOK_EVERY_MS = 10_000;

const BROKEN = { ok: false, fault: HEAD_BROKEN } as const;

const Calls = classOf<Rpc.HeadRpc & SourceRpc, HeadTools>()(HEAD_CALLS);

export class HeadObject extends Calls implements Rpc.HeadRpc, SourceRpc {
  readonly #memory = newMemory();
  #store: HeadStore | null = null;
  readonly #relay = new Relay();
  #training = false;
  #lookedAt = 0;
  /** Whether the stored head cannot be read. */
  #isBroken = false;
  /** When the last head of this name was created, as far as this instance knows. The next one gets a later time. */
  #born = 0;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(() => this.#wakeSafely());
  }

  /**
   * PLATFORM: an object whose constructor throws cannot be called at all, so it could not be deleted. A head that cannot wake
   * answers `head_broken` to every call except `destroy`, and each call tries to wake it again.
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

  /** Migrates the schema and resumes an open job. A head that was never created writes nothing. */
  async #wake(): Promise<void> {
    const { storage } = this.ctx;
    if (!(await updateStoredHead(storage, Date.now(), readEnv(this.env).backbones))) return;
    this.#store = this.#open();
    if (this.#store?.jobs.open()) await this.#store.alarms.set("train", Date.now());
    else await this.#store?.alarms.arm();
  }

  #open(): HeadStore | null {
    const store = openHeadStore(
      this.ctx.storage,
      () => void this.#tell(),
      () => readEnv(this.env).backbones,
    );
    const owner = ownerOfHead(this.ctx.id.name);
    if (store && owner && !store.meta.get("owner")) store.meta.set("owner", owner);
    return store;
  }

  get #bucket(): R2Bucket | null {
    return readEnv(this.env).files;
  }

  async #reportUse(store: HeadStore): Promise<void> {
    const tenant = (id: string) => readEnv(this.env).tenant(id);
    await reportUse(store, { now: Date.now, tenant, isCurrent: () => this.#store === store });
  }

  /** Sends the events of the outbox to the tenant's object. Never throws: an event that was not sent stays for the next try. */
  async #tell(): Promise<void> {
    const store = this.#store;
    const tenant = (id: string) => readEnv(this.env).tenant(id);
    if (store) await this.#relay.run(store, { now: Date.now, tenant, isCurrent: () => this.#store === store });
  }

  [RUN]<T>(work: (tools: HeadTools) => T | Promise<T>): Promise<Outcome<T>> {
    return outcomeOf(async () => {
      await this.#assertReadable();
      const store = this.#store;
      if (!store) throw this.#notMade();
      await this.#noticeOverdue(store);
      const reportUse = (): Promise<void> => this.#reportUse(store);
      return work({
        ...this.#memory,
        store,
        now: Date.now,
        bucket: this.#bucket,
        turns: turnsWhile(() => this.#store === store),
        reportUse,
      });
    });
  }

  #notMade(): Fault {
    return new Fault("not_found", `There is no head "${idOfHead(this.ctx.id.name)}"`);
  }

  async #assertReadable(): Promise<void> {
    if (this.#isBroken) await this.#wakeSafely();
    if (this.#isBroken) throw Fault.from(HEAD_BROKEN);
  }

  /** PLATFORM: the runtime retries an alarm six times and then drops it. Any call that finds an overdue alarm sets it again. */
  async #noticeOverdue({ alarms }: HeadStore): Promise<void> {
    const now = Date.now();
    if (this.#training || now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    if (alarms.due(now - OVERDUE_MS).length > 0) await alarms.arm();
  }

  override async alarm(): Promise<void> {
    if (this.#training) return; // the alarm that trains arms again as it ends
    const store = this.#store;
    try {
      if (store) await runDue(store, store.alarms.due(Date.now()), this.#alarmTools(store));
    } catch (error) {
      if (this.#store === store) throw error;
      logEvent("info", "alarm_ended", { head: this.ctx.id.name, error: String(error) }); // the head was deleted while the alarm ran
    }
    await this.#store?.alarms.arm();
  }

  #alarmTools(store: HeadStore): AlarmTools {
    const turns = turnsWhile(
      () => this.#store === store,
      () => this.#memory.pace.turn(),
    );
    return {
      now: Date.now,
      bucket: this.#bucket,
      turns,
      tell: () => this.#tell(),
      train: () => this.#train(store, turns),
      reportUse: () => this.#reportUse(store),
    };
  }

  async #train(store: HeadStore, turns: HeadTools["turns"]): Promise<void> {
    const { pace, changed } = this.#memory;
    const tools = { now: Date.now, pace, bucket: this.#bucket, notify: () => changed.notify(), turns };
    this.#training = true;
    try {
      const { runTraining } = await import("./head/training/run-training.ts"); // loaded on demand, to keep the object's start short
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
    this.#store?.close();
    this.#store = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#isBroken = false;
    this.#memory.changed.notify();
  }

  /** Workers call this for predictions. A training in the same isolate yields to them. */
  serving(): Promise<string> {
    const store = this.#store;
    return this.#memory.pace.during(async () => {
      if (store) return servingText(store);
      return JSON.stringify(this.#isBroken ? BROKEN : { ok: false, fault: this.#notMade().data });
    });
  }

  [LEDGER](): Ledger {
    return this.#store?.idempotency ?? null;
  }
}
