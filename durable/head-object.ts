// One object per head of a tenant: a thin shell that opens the store, calls one thing and answers with a value.
import { DurableObject } from "cloudflare:workers";
import type { Page, PageQuery } from "../src/contract/common.ts";
import type { ExampleFilter, ExamplePatch, ExampleView } from "../src/contract/examples.ts";
import type { HeadPatch, HeadView } from "../src/contract/heads.ts";
import { isTerminal, type JobEvent, type JobView } from "../src/contract/jobs.ts";
import type { LabelIssuesPage, LabelIssuesQuery } from "../src/contract/label-issues.ts";
import type * as Rpc from "../src/contract/rpc.ts";
import type { VersionView } from "../src/contract/versions.ts";
import { LIMITS } from "../src/core/limits.ts";
import { Fault, type Outcome, outcomeOf } from "../src/core/problems.ts";
import { viewOfJob } from "../src/lifecycle/job.ts";
import { appendExamples, deleteExample, exportExamples, showExample, updateExample } from "./head/examples.ts";
import { cancelJob, jobOrFault, listJobEvents, startJob, startVerification } from "./head/jobs.ts";
import type { ReadyVersions } from "./head/predictions.ts";
import { HEAD_MIGRATIONS } from "./head/schema.ts";
import { type HeadMeta, type HeadStore, openHeadStore } from "./head/store.ts";
import { listLabelIssues, listVersions, promoteVersion, viewOfVersion } from "./head/versions.ts";
import { DEFAULT_POLICY, viewOfHead } from "./head/view.ts";
import { BoundedCache } from "./kit/bounded-cache.ts";
import { isStored, migrate } from "./kit/migrations.ts";
import { Pace } from "./kit/pace.ts";
import { Signal } from "./kit/signal.ts";
import { MetaTable } from "./tables/meta.ts";

/** Alarms later than this have been lost, not delayed. */
const OVERDUE_MS = 60_000;

export class HeadObject extends DurableObject implements Rpc.HeadRpc {
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

  #with<T>(work: (store: HeadStore) => T | Promise<T>): Promise<Outcome<T>> {
    return outcomeOf(async () => {
      if (!this.#store) throw new Fault("not_found", "There is no such head");
      await this.#noticeOverdue(this.#store);
      return work(this.#store);
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

  describe(): Promise<Outcome<HeadView>> {
    return this.#with(viewOfHead);
  }

  update({ description }: HeadPatch): Promise<Outcome<HeadView>> {
    return this.#with((store) => {
      if (description !== undefined) store.meta.set("description", { text: description });
      return viewOfHead(store);
    });
  }

  async destroy(): Promise<void> {
    this.#store = null;
    this.#ready.clear();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#changed.notify();
  }

  missingFeatures(digests: readonly string[]): Promise<Outcome<string[]>> {
    return this.#with(({ features }) => {
      const here = features.idsOf(digests);
      return digests.filter((digest) => !here.has(digest));
    });
  }

  append(request: Rpc.AppendRequest): Promise<Outcome<Rpc.AppendResult | Rpc.FeaturesMissing>> {
    return this.#with((store) => appendExamples(store, request, Date.now()));
  }

  listExamples(filter: ExampleFilter): Promise<Outcome<Page<ExampleView>>> {
    return this.#with(({ examples }) => examples.list(filter));
  }

  exportExamples(after: string | null, withFeatures: boolean): Promise<Outcome<Page<Rpc.ExportedExample>>> {
    return this.#with((store) => exportExamples(store, after, withFeatures));
  }

  getExample(id: string): Promise<Outcome<ExampleView>> {
    return this.#with((store) => showExample(store, id));
  }

  updateExample(id: string, patch: ExamplePatch): Promise<Outcome<ExampleView>> {
    return this.#with((store) => updateExample(store, id, patch, Date.now()));
  }

  deleteExample(id: string): Promise<Outcome<null>> {
    return this.#with((store) => {
      deleteExample(store, id);
      return null;
    });
  }

  startJob(request: Rpc.JobRequestBody): Promise<Outcome<JobView>> {
    return this.#with((store) => startJob(store, request, Date.now()));
  }

  listJobs(page: PageQuery): Promise<Outcome<Page<JobView>>> {
    return this.#with(({ jobs }) => jobs.list(page));
  }

  getJob(id: string): Promise<Outcome<JobView>> {
    return this.#with((store) => viewOfJob(jobOrFault(store, id)));
  }

  cancelJob(id: string): Promise<Outcome<JobView>> {
    return this.#with((store) => {
      const job = cancelJob(store, id, Date.now());
      this.#changed.notify();
      return job;
    });
  }

  listJobEvents(job: string, page: PageQuery): Promise<Outcome<Page<JobEvent>>> {
    return this.#with((store) => listJobEvents(store, job, page));
  }

  nextJobEvents(job: string, after: number): Promise<Outcome<{ events: JobEvent[]; ended: boolean }>> {
    return this.#with(async (store) => {
      const read = () => {
        const { status } = jobOrFault(store, job); // read first: an event that comes later is then seen as open
        const events = store.events.after(job, after, LIMITS.pageSizeMax);
        return { events, ended: isTerminal(status) && events.length < LIMITS.pageSizeMax };
      };
      const now = read();
      if (now.events.length > 0 || now.ended) return now;
      await this.#changed.wait(LIMITS.eventWaitSeconds * 1_000);
      if (this.#store !== store) throw new Fault("not_found", "The head was deleted");
      return read();
    });
  }

  listVersions(page: PageQuery): Promise<Outcome<Page<VersionView>>> {
    return this.#with((store) => listVersions(store, page));
  }

  getVersion(version: number): Promise<Outcome<VersionView>> {
    return this.#with((store) => viewOfVersion(store, version));
  }

  promoteVersion(version: number): Promise<Outcome<VersionView>> {
    return this.#with((store) => promoteVersion(store, version));
  }

  verifyVersion(version: number, job: string): Promise<Outcome<Rpc.VerificationStart>> {
    return this.#with((store) => startVerification(store, version, job, Date.now()));
  }

  listLabelIssues(query: LabelIssuesQuery): Promise<Outcome<LabelIssuesPage>> {
    return this.#with((store) => listLabelIssues(store, query));
  }

  predict(request: Rpc.PredictRequest): Promise<Outcome<Rpc.PredictAnswer>> {
    this.#pace.note();
    return this.#with(async (store) => {
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
