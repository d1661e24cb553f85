// The service from a caller's view: requests, parsed responses, and common set-ups of tests. Calls go to the app inside
// this runtime, with its real objects.
import { exports } from "cloudflare:workers";
import type { HeadView, NewHead } from "../../src/contract/heads.ts";
import { isTerminal, type JobView, type NewJob } from "../../src/contract/jobs.ts";
import type { CreatedKey } from "../../src/contract/keys.ts";
import type { CreatedTenant } from "../../src/contract/tenants.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { expectDeclared, operationOf } from "./declared.ts";

/** The binding in vitest.config.ts. */
export const ADMIN_KEY = "admin-key-of-the-tests";
export const ORIGIN = "http://lastlayer.test";
const app = (exports as unknown as { default: Fetcher }).default;

export interface CallOptions {
  readonly key?: string | undefined;
  /** The body. It is sent as JSON unless it is a text, bytes or a stream. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The fields of a problem document that tests use. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly request_id: string;
  readonly errors?: readonly { pointer: string; detail: string }[];
  readonly [extension: string]: unknown;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `T` is the test's expectation, not a check. */
  readonly body: T;
}

export const sendRequest = (request: Request): Promise<Response> => app.fetch(request);

/** The response itself, for bodies that are not JSON or are streamed. */
export function send(method: string, path: string, { key, body, headers = {} }: CallOptions = {}): Promise<Response> {
  const raw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
  const type: Record<string, string> = raw || body === undefined ? {} : { "Content-Type": "application/json" };
  const auth: Record<string, string> = key === undefined ? {} : { Authorization: `Bearer ${key}` };
  const sent = raw ? body : body === undefined ? null : JSON.stringify(body);
  return app.fetch(ORIGIN + path, { method, headers: { ...type, ...auth, ...headers }, body: sent as BodyInit | null });
}

/** The text of a response. `text()` would warn about every content type that is not text/…, such as NDJSON. */
export const textOf = async (message: Response | Request): Promise<string> =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await message.arrayBuffer());

/** Sends a request, parses the answer, and compares it with the contract. */
export async function call<T = ProblemBody>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> {
  const response = await send(method, path, options);
  const text = await textOf(response);
  const operation = operationOf(method, path);
  if (operation) expectDeclared(operation, { status: response.status, headers: response.headers, text });
  const isJson = text !== "" && /[/+]json$/.test(response.headers.get("Content-Type") ?? "");
  const body = (isJson ? JSON.parse(text) : undefined) as T;
  return { status: response.status, headers: response.headers, text, body };
}

/** Like `call`, for steps that must succeed before the test begins. */
export async function must<T>(method: string, path: string, options?: CallOptions): Promise<T> {
  const answer = await call<T>(method, path, options);
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  return answer.body;
}

export const makeTenant = (id: string): Promise<CreatedTenant> =>
  must("POST", "/v1/tenants", { key: ADMIN_KEY, body: { id } });

export const makeKey = (tenant: string, scope: string): Promise<CreatedKey> =>
  must("POST", `/v1/tenants/${tenant}/keys`, { key: ADMIN_KEY, body: { scopes: [scope] } });

/** A classification head, on two-dimensional vectors unless `more` says otherwise. */
export const makeHead = (key: string, id: string, more: Partial<NewHead> = {}): Promise<HeadView> => {
  const backbone = more.backbone ?? "features";
  const dimension = backbone === "features" ? { dimension: 2 } : {};
  return must("POST", "/v1/heads", { key, body: { id, task: "classification", backbone, ...dimension, ...more } });
};

export const makeTextHead = (key: string, id: string): Promise<HeadView> =>
  makeHead(key, id, { backbone: "text-embedded" });

export const upload = (key: string, head: string, examples: readonly unknown[]): Promise<UploadResult> =>
  must("POST", `/v1/heads/${head}/examples`, { key, body: { examples } });

/** `perLabel` points around each of two corners of the plane. Any linear head can separate them. */
export const corners = (perLabel = 10) =>
  Array.from({ length: perLabel }, (_, i) => [
    { features: [1 + i / 16, 1 - i / 32], label: "north" },
    { features: [-1 - i / 16, -1 + i / 32], label: "south" },
  ]).flat();

const POLL_MS = 20;

/** Waits until the job has ended, successfully or not, and returns it. */
export async function waitForJob(key: string, head: string, job: string): Promise<JobView> {
  for (;;) {
    const view = await must<JobView>("GET", `/v1/heads/${head}/jobs/${job}`, { key });
    if (isTerminal(view.status)) return view;
    await scheduler.wait(POLL_MS);
  }
}

export async function train(key: string, head: string, body: NewJob = {}): Promise<JobView> {
  const { id } = await must<JobView>("POST", `/v1/heads/${head}/jobs`, { key, body });
  const job = await waitForJob(key, head, id);
  if (job.status !== "succeeded") throw new Error(`Job ${id} ${job.status}: ${JSON.stringify(job.error)}`);
  return job;
}

/** A head on the plane that is trained on the corners, with version 1 live. */
export async function makeTrainedHead(key: string, id: string): Promise<void> {
  await makeHead(key, id);
  await upload(key, id, corners());
  await train(key, id);
}
