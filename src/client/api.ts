// Sends the requests of the client: address, key, bodies, and repeated attempts.
import { ApiError, errorOf } from "./api-error.ts";
import { mayHaveEffect, retryDelayMs } from "./retry.ts";

export interface ClientOptions {
  /** Ends the request, its attempts, and the reading of its answer. */
  readonly signal?: AbortSignal;
  /** Makes a POST repeatable: the service repeats its first answer. One key for one call: `client.with({ idempotencyKey })`. */
  readonly idempotencyKey?: string;
  /** Attempts after the first, for requests that are safe to repeat; default 2. */
  readonly retries?: number;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export type BodyContent = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Sent {
  readonly query?: Query | undefined;
  readonly body?: { readonly type: string; readonly content: BodyContent };
  readonly headers?: Readonly<Record<string, string>>;
  /** For a POST that changes nothing. */
  readonly repeatable?: boolean;
  /** For a request that is signed instead of sent with a key. */
  readonly withoutKey?: boolean;
}

/** The one way in which every method of the client calls the service. Throws an ApiError for an answer that is no success. */
export interface Api {
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
  /** The parsed answer; undefined for an answer without content. */
  json<T>(method: Method, path: string, sent?: Sent): Promise<T>;
  /** The answer itself, for one that is a file or a stream. */
  send(method: Method, path: string, sent?: Sent): Promise<Response>;
}

const RETRIES = 2;

export function makeApi(baseUrl: string, key: string, options: ClientOptions): Api {
  const { retries = RETRIES, signal } = options;
  const send = (method: Method, target: string, sent: Sent = {}): Promise<Response> => {
    const request = requestOf(method, key, sent, options);
    return answerOf(baseUrl + target + queryText(sent.query), request, isRepeatable(request, sent), options);
  };
  return {
    retries,
    signal,
    send,
    async json<T>(method: Method, target: string, sent?: Sent): Promise<T> {
      const response = await send(method, target, sent);
      return (response.status === 204 ? undefined : await response.json()) as T;
    },
  };
}

/** A path whose parameters stay within their segments: URL parsers resolve dots. */
export function path(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  const unusable = values.find((value) => ["", ".", ".."].includes(String(value)));
  if (unusable !== undefined) throw new TypeError(`"${unusable}" cannot be part of a path`);
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

export const jsonBody = (value: unknown): { type: string; content: string } => ({
  type: "application/json",
  content: JSON.stringify(value),
});

function queryText(query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

type Prepared = RequestInit & { readonly method: Method; readonly headers: Headers };

function requestOf(method: Method, key: string, sent: Sent, { signal, idempotencyKey }: ClientOptions): Prepared {
  const headers = new Headers(sent.headers);
  if (!sent.withoutKey) headers.set("Authorization", `Bearer ${key}`);
  if (sent.body) headers.set("Content-Type", sent.body.type);
  if (method === "POST" && idempotencyKey !== undefined) headers.set("Idempotency-Key", idempotencyKey);
  // PLATFORM: Node's fetch refuses a stream without `duplex`, which the types of Workers do not have.
  const request = { method, headers, body: sent.body?.content ?? null, signal: signal ?? null, duplex: "half" };
  return request as Prepared;
}

/** Whether the request may be sent twice with the effect of one. */
const isRepeatable = ({ method, headers }: Prepared, { repeatable = false }: Sent): boolean =>
  method !== "POST" || repeatable || headers.has("Idempotency-Key");

async function answerOf(
  url: string,
  request: Prepared,
  repeatable: boolean,
  options: ClientOptions,
): Promise<Response> {
  const { fetch: send = fetch, wait = waitFor, retries = RETRIES, signal } = options;
  const most = request.body instanceof ReadableStream ? 0 : retries; // a stream can be read once
  let mayBeDone = false;
  for (let tried = 0; ; tried++) {
    try {
      const response = await send(url, request);
      if (response.ok) return response;
      throw await errorOf(response);
    } catch (error) {
      if (mayBeDone && isGone(request, error)) return new Response(null, { status: 204 });
      mayBeDone ||= mayHaveEffect(error);
      const delayMs = tried < most ? retryDelayMs(error, tried, repeatable, Math.random) : null;
      if (delayMs === null || signal?.aborted) throw error;
      await wait(delayMs, signal);
    }
  }
}

/** Whether a DELETE answered `not_found`. If the answer of an earlier attempt was lost, that attempt has deleted the item. */
const isGone = ({ method }: Prepared, error: unknown): boolean =>
  method === "DELETE" && error instanceof ApiError && error.code === "not_found";

/** Rejects when the signal does. */
export const waitFor = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
