// One attempt to send one delivery: a POST that follows no redirects, has a time limit, and reads at most 1 KB of the response.
import { concatBytes } from "../core/bytes.ts";
import type { Clock } from "../core/clock.ts";
import { DELIVERY } from "../core/limits.ts";
import { VERSION } from "../core/version.ts";

export interface AttemptResult {
  /** The status of a complete response; null if there was none. */
  readonly code: number | null;
  /** The beginning of the response's body. */
  readonly answer: string | null;
  /** Why there was no complete response. */
  readonly error: string | null;
  readonly durationMs: number;
  readonly retryAfter: string | null;
}

export interface AttemptTools {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: Clock;
}

const USER_AGENT = `lastlayer/${VERSION} (webhooks)`;

export async function attemptDelivery(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  { fetch, now }: AttemptTools,
): Promise<AttemptResult> {
  const started = now();
  const signal = AbortSignal.timeout(DELIVERY.timeoutSeconds * 1_000);
  const all = { ...headers, "Content-Type": "application/json", "User-Agent": USER_AGENT };
  try {
    const response = await fetch(url, { method: "POST", headers: all, body, redirect: "manual", signal });
    const answer = await beginningOf(response);
    const retryAfter = response.headers.get("Retry-After");
    return { code: response.status, answer, error: null, durationMs: now() - started, retryAfter };
  } catch (error) {
    return { ...noAnswer(reasonOf(error)), durationMs: now() - started };
  }
}

/** The result if there was no response, or if no request was sent. */
export const noAnswer = (error: string): AttemptResult => ({
  code: null,
  answer: null,
  error,
  durationMs: 0,
  retryAfter: null,
});

/** Reads up to 1 KB. A response that breaks off before that counts as none: the receiver may not have finished its work. */
async function beginningOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(part);
    bytes += part.byteLength;
    if (bytes >= DELIVERY.answerBytes) break; // leaving the loop cancels the stream
  }
  return new TextDecoder().decode(concatBytes(parts).subarray(0, DELIVERY.answerBytes)).replaceAll("\0", "\ufffd");
}

const reasonOf = (error: unknown): string => {
  const { name, message } = error as Error;
  return name === "TimeoutError"
    ? `No answer within ${DELIVERY.timeoutSeconds} s`
    : `The connection failed: ${message}`;
};
