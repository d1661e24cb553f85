// A client of the API, used by the command line and by callers. It depends on the contract only.
import type { Page } from "../contract/common.ts";
import type {
  EndpointDelivery,
  EndpointPatch,
  EndpointView,
  EndpointWithSecret,
  NewEndpoint,
} from "../contract/endpoints.ts";
import type { ExampleRow, Feedback, UploadResult } from "../contract/examples.ts";
import type { HeadView, NewHead } from "../contract/heads.ts";
import type { JobEvent, JobView, NewJob } from "../contract/jobs.ts";
import type { LabelIssuesPage, LabelIssuesQuery } from "../contract/label-issues.ts";
import type { NewPolicy, Policy } from "../contract/policy.ts";
import type { Predictions, PredictOptions } from "../contract/predict.ts";
import type { CreatedSource, NewSource, RefusalsView } from "../contract/sources.ts";
import type { Stats } from "../contract/stats.ts";
import type { CreatedTenant } from "../contract/tenants.ts";
import type { RolledBack, TrafficBody, TrafficView } from "../contract/traffic.ts";
import type { UsageQuery, UsageRow } from "../contract/usage.ts";
import type { ExportFormat, ImportFormat } from "../contract/version-files.ts";
import type { PromotedVersion, Verification, VersionView } from "../contract/versions.ts";
import { serverSentEvents } from "./server-sent-events.ts";

export { verifyWebhook, WebhookError } from "./verify-webhook.ts";

/** Thrown for a problem document that the service returned. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, problem: { code?: string; detail?: string }) {
    super(problem.detail ?? `The service answered ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? "unknown";
  }
}

/** An event of a job as the stream sends it. */
export interface StreamedEvent {
  readonly id: number;
  readonly type: JobEvent["type"];
  readonly data: Readonly<Record<string, unknown>>;
}

export class Client {
  readonly #baseUrl: string;
  readonly #key: string;

  /** `baseUrl` without a slash at its end; `key`: a tenant's key, or the admin key for calls about tenants. */
  constructor(baseUrl: string, key: string) {
    this.#baseUrl = baseUrl;
    this.#key = key;
  }

  createTenant(id: string, name?: string): Promise<CreatedTenant> {
    return this.#json("POST", "/v1/tenants", { id, ...(name === undefined ? {} : { name }) });
  }

  createHead(head: NewHead): Promise<HeadView> {
    return this.#json("POST", "/v1/heads", head);
  }

  getHead(head: string): Promise<HeadView> {
    return this.#json("GET", `/v1/heads/${head}`);
  }

  /** Uploads up to a thousand examples: each has one input; a label, labels or a value; and optionally an id and a split. */
  uploadExamples(head: string, examples: readonly ExampleRow[]): Promise<UploadResult> {
    return this.#json("POST", `/v1/heads/${head}/examples`, { examples });
  }

  /** Replaces the policy: when the head trains automatically, and when a new version goes live. */
  setPolicy(head: string, policy: NewPolicy): Promise<Policy> {
    return this.#json("PUT", `/v1/heads/${head}/policy`, policy);
  }

  /** `csv` has a header row: text,label[,id][,split]; `labels` or `value` in place of `label` for the other tasks. */
  async uploadCsv(head: string, csv: string): Promise<UploadResult> {
    const headers = { "Content-Type": "text/csv" };
    return (
      await this.#send("POST", `/v1/heads/${head}/examples`, { headers, body: csv })
    ).json() as Promise<UploadResult>;
  }

  startJob(head: string, job: NewJob = {}): Promise<JobView> {
    return this.#json("POST", `/v1/heads/${head}/jobs`, job);
  }

  getJob(head: string, job: string): Promise<JobView> {
    return this.#json("GET", `/v1/heads/${head}/jobs/${job}`);
  }

  /** A page of a head's jobs. */
  listJobs(head: string): Promise<Page<JobView>> {
    return this.#json("GET", `/v1/heads/${head}/jobs`);
  }

  cancelJob(head: string, job: string): Promise<JobView> {
    return this.#json("POST", `/v1/heads/${head}/jobs/${job}/cancel`);
  }

  /** Yields the events of a job until it ends. */
  async *watchJob(head: string, job: string, after = 0): AsyncGenerator<StreamedEvent> {
    const headers = { Accept: "text/event-stream", "Last-Event-ID": String(after) };
    const response = await this.#send("GET", `/v1/heads/${head}/jobs/${job}/events`, { headers });
    if (!response.body) return;
    for await (const { id, event, data } of serverSentEvents(response.body)) {
      yield { id: Number(id), type: event as JobEvent["type"], data: JSON.parse(data) as Record<string, unknown> };
    }
  }

  getVersion(head: string, version: number): Promise<VersionView> {
    return this.#json("GET", `/v1/heads/${head}/versions/${version}`);
  }

  /** Repeats the training of a version, and compares the digests. */
  verifyVersion(head: string, version: number): Promise<Verification> {
    return this.#json("POST", `/v1/heads/${head}/versions/${version}/verify`);
  }

  /** A version as a file: to run elsewhere, or to import. */
  async exportVersion(head: string, version: number, format: ExportFormat): Promise<Uint8Array<ArrayBuffer>> {
    const path = `/v1/heads/${head}/versions/${version}/export?format=${format}`;
    return new Uint8Array(await (await this.#send("GET", path, {})).arrayBuffer());
  }

  /** Imports a version from an exported file. Returns the existing version if the same weights were imported before. */
  async importVersion(head: string, file: Uint8Array<ArrayBuffer>, format: ImportFormat): Promise<VersionView> {
    const type = format === "json" ? "application/json" : "application/vnd.safetensors";
    const init = { headers: { "Content-Type": type }, body: file };
    return (await this.#send("POST", `/v1/heads/${head}/versions/import`, init)).json() as Promise<VersionView>;
  }

  /** A page of the examples whose label is probably wrong, most suspicious first. */
  listLabelIssues(head: string, query: LabelIssuesQuery = {}): Promise<LabelIssuesPage> {
    const given = Object.entries(query).map(([name, value]) => [name, String(value)]);
    return this.#json("GET", `/v1/heads/${head}/label-issues?${new URLSearchParams(given)}`);
  }

  /** Deletes a version that is neither live nor the shadow. */
  async deleteVersion(head: string, version: number): Promise<void> {
    await this.#send("DELETE", `/v1/heads/${head}/versions/${version}`, {});
  }

  /** Makes a version the only live one. */
  promoteVersion(head: string, version: number): Promise<PromotedVersion> {
    return this.#json("POST", `/v1/heads/${head}/versions/${version}/promote`);
  }

  /** Splits traffic between versions, and sets the shadow. */
  setTraffic(head: string, traffic: TrafficBody): Promise<TrafficView> {
    return this.#json("PUT", `/v1/heads/${head}/traffic`, traffic);
  }

  /** Restores the traffic before the last change. */
  rollback(head: string): Promise<RolledBack> {
    return this.#json("POST", `/v1/heads/${head}/rollback`);
  }

  getStats(head: string): Promise<Stats> {
    return this.#json("GET", `/v1/heads/${head}/stats`);
  }

  /** A page of usage by day and head. */
  listUsage(query: UsageQuery = {}): Promise<Page<UsageRow>> {
    const given = Object.entries(query).map(([name, value]) => [name, String(value)]);
    return this.#json("GET", `/v1/usage?${new URLSearchParams(given)}`);
  }

  predict(head: string, inputs: readonly unknown[], options: PredictOptions = {}): Promise<Predictions> {
    return this.#json("POST", `/v1/heads/${head}/predict`, { inputs, ...options });
  }

  /** Adds an example from an input, or from a prediction by its id, with the right label, labels or value. */
  giveFeedback(head: string, feedback: Feedback): Promise<UploadResult> {
    return this.#json("POST", `/v1/heads/${head}/feedback`, feedback);
  }

  /** Creates an address for signed webhooks. The answer shows its `secret` only once. */
  createSource(head: string, source: NewSource): Promise<CreatedSource> {
    return this.#json("POST", `/v1/heads/${head}/sources`, source);
  }

  /** The number of posts to a source that failed verification, and the last reason. Shows a wrong secret. */
  getRefusals(head: string, source: string): Promise<RefusalsView> {
    return this.#json("GET", `/v1/heads/${head}/sources/${source}/refusals`);
  }

  /** Creates an endpoint that events are sent to. Pass `secret` of the answer to `verifyWebhook`. */
  createEndpoint(endpoint: NewEndpoint): Promise<EndpointWithSecret> {
    return this.#json("POST", "/v1/endpoints", endpoint);
  }

  getEndpoint(id: string): Promise<EndpointView> {
    return this.#json("GET", `/v1/endpoints/${id}`);
  }

  updateEndpoint(id: string, patch: EndpointPatch): Promise<EndpointView> {
    return this.#json("PATCH", `/v1/endpoints/${id}`, patch);
  }

  rotateEndpoint(id: string): Promise<EndpointWithSecret> {
    return this.#json("POST", `/v1/endpoints/${id}/rotate`);
  }

  testEndpoint(id: string): Promise<EndpointDelivery> {
    return this.#json("POST", `/v1/endpoints/${id}/test`);
  }

  /** A page of deliveries to an endpoint, newest first. */
  listEndpointDeliveries(id: string): Promise<Page<EndpointDelivery>> {
    return this.#json("GET", `/v1/endpoints/${id}/deliveries`);
  }

  redeliver(id: string, delivery: string): Promise<EndpointDelivery> {
    return this.#json("POST", `/v1/endpoints/${id}/deliveries/${delivery}/redeliver`);
  }

  async #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init =
      body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return (await this.#send(method, path, init)).json() as Promise<T>;
  }

  async #send(
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> },
  ): Promise<Response> {
    const headers = { ...init.headers, Authorization: `Bearer ${this.#key}` };
    const response = await fetch(this.#baseUrl + path, { method, ...init, headers });
    if (!response.ok) throw new ApiError(response.status, (await response.json().catch(() => ({}))) as object);
    return response;
  }
}
