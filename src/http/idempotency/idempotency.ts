// Idempotency-Key on POSTs: repeats the first response for the same request, and refuses another request with the same key.
import { createHash } from "node:crypto";
import type { IdempotencyClaim, IdempotencyRpc, StoredAnswer } from "../../contract/idempotency-rpc.ts";
import { LIMITS } from "../../core/limits.ts";
import { logEvent } from "../../core/log.ts";
import { Fault } from "../../core/problems.ts";
import { dropUnread, piecesOf } from "../request/body.ts";
import { type Answered, sent } from "../response/answer.ts";
import { problemResponse } from "../response/problem.ts";
import { openAnswer, sealAnswer } from "./sealed-answer.ts";

/** Headers that are stored with a response. */
const KEPT_HEADERS = ["content-type", "location"];

/** Several renewals fit into a lease, so one may fail. */
const RENEWAL_MS = (LIMITS.idempotencyLeaseSeconds * 1_000) / 4;

type Answer = (request: Request) => Promise<Answered>;

export async function answerOnce(
  request: Request,
  requestId: string,
  ledger: IdempotencyRpc,
  answer: Answer,
): Promise<Response> {
  const name = nameOf(request.headers.get("Idempotency-Key") ?? "");
  const claim = { key: `${new URL(request.url).pathname} ${name}`, owner: requestId }; // a path has no space
  const verdict = await ledger.claimKey(claim);
  if (verdict.kind === "running") {
    throw new Fault("idempotency_running", "The first request with this Idempotency-Key is still running");
  }
  const { body, digest } = digested(request);
  if (verdict.kind === "run") {
    const run = async (): Promise<Response> => {
      const response = await runOrDrop(new Request(request, { body }), claim, ledger, answer);
      return keep(response, request, claim, digest(), ledger);
    };
    return whileRenewing(() => ledger.renewKey(claim), RENEWAL_MS, run);
  }
  for await (const _ of piecesOf(body));
  if (verdict.fingerprint !== digest()) {
    throw new Fault(
      "idempotency_mismatch",
      "This Idempotency-Key was used with another request; use a new key for a new request",
    );
  }
  return replay(await openAnswer(verdict.answer, request));
}

/** Renews a claim while `work` runs: an upload may outlast its lease, and must not run twice at once. */
export async function whileRenewing<T>(
  renew: () => Promise<void>,
  everyMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => void renew().catch(() => undefined), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** The response, which may also be a refusal. An internal error releases the key. */
async function runOrDrop(
  request: Request,
  claim: IdempotencyClaim,
  ledger: IdempotencyRpc,
  answer: Answer,
): Promise<Response> {
  try {
    return sent(await answer(request));
  } catch (error) {
    if (error instanceof Fault) return problemResponse(error.data, claim.owner);
    await ledger.dropKey(claim);
    throw error;
  } finally {
    await dropUnread(request);
  }
}

/**
 * `digest` is null if the response came before the whole request was read: such a response is not stored. The effect of the
 * request is committed, so its response is sent even if the ledger fails, for example because the storage is full.
 */
async function keep(
  response: Response,
  request: Request,
  claim: IdempotencyClaim,
  digest: string | null,
  ledger: IdempotencyRpc,
): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer());
  const { status } = response;
  const kept = digest !== null && status < 500 && status !== 429 && body.byteLength <= LIMITS.idempotentAnswerBytes;
  try {
    if (!kept) await ledger.dropKey(claim);
    else
      await ledger.keepAnswer(
        claim,
        digest,
        await sealAnswer({ status, headers: keptHeaders(response), body }, request),
      );
  } catch (error) {
    logEvent("error", "keep_answer_failed", { request_id: claim.owner, error: String(error) });
  }
  return new Response(body.byteLength > 0 ? body : null, response);
}

function nameOf(header: string): string {
  const key = header.replace(/^"(.*)"$/, "$1");
  if (key.length > 0 && key.length <= LIMITS.idempotencyKeyChars) return key;
  const detail = `must have 1 to ${LIMITS.idempotencyKeyChars} characters`;
  throw new Fault("invalid_request", `Idempotency-Key ${detail}`, {
    errors: [{ pointer: "/Idempotency-Key", detail }],
  });
}

/** The body as it passes through, and a digest of the request: null until the whole body has passed. */
function digested(request: Request): { body: ReadableStream<Uint8Array> | null; digest: () => string | null } {
  const hash = createHash("sha256");
  const { method, url, headers } = request;
  hash.update([method, url, headers.get("Content-Type"), headers.get("Authorization")].join("\n"));
  let ended = request.body === null;
  const through = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      hash.update(chunk);
      controller.enqueue(chunk);
    },
    flush() {
      ended = true;
    },
  });
  return { body: request.body?.pipeThrough(through) ?? null, digest: () => (ended ? hash.digest("hex") : null) };
}

const keptHeaders = (response: Response): Record<string, string> =>
  Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => (response.headers.has(name) ? [[name, response.headers.get(name) ?? ""]] : [])),
  );

function replay({ status, headers, body }: StoredAnswer): Response {
  const response = new Response(body.byteLength > 0 ? body : null, { status, headers: { ...headers } });
  response.headers.set("Idempotency-Replayed", "true");
  return response;
}
