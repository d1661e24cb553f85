// Mounts a route of the contract on the app: authenticate, parse, respond. The order matters for security: nothing of a request
// is read before its caller is known.
import type { Hono } from "hono";
import type { RouteEntry } from "../contract/route-entry.ts";
import type { Operation } from "../contract/routes.ts";
import { type Bindings, readEnv } from "../env.ts";
import { assertMay, authenticate } from "./auth/auth.ts";
import { Meter, type Metered } from "./metering/meter.ts";
import { dropUnread } from "./request/body.ts";
import { type Call, type Handler, ledgerOf } from "./request/call.ts";
import { newRequestId } from "./request/request-id.ts";
import { routeInputOf } from "./request/route-input.ts";
import { type Answered, finished } from "./response/answer.ts";
import { finderOf, forgetTenant, type WorkerCaches } from "./worker-caches.ts";

export interface AppTypes {
  Bindings: Bindings;
  Variables: { requestId: string; meter: Meter | undefined };
}

export function mount(app: Hono<AppTypes>, entry: RouteEntry, handler: Handler<Operation>, caches: WorkerCaches): void {
  const { route, access } = entry;
  const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
  const input = routeInputOf(entry);
  const forget = (tenant: string): void => forgetTenant(caches, tenant);
  app.on(route.method.toUpperCase(), path, async (context) => {
    const requestId = newRequestId();
    context.set("requestId", requestId);
    const env = readEnv(context.env);
    const waitUntil = (work: Promise<unknown>): void => context.executionCtx.waitUntil(work);
    const caller = await authenticate(context.req.raw, access, env, finderOf(env, waitUntil, entry, caches));
    const given = input.given(context.req);
    const meterOf = (owner: Metered, head: string) => new Meter(env, owner, head, caches.accounts.of(owner), waitUntil);
    const meter = caller.kind === "tenant" ? meterOf(caller, given.head ?? "") : undefined;
    context.set("meter", meter);
    await meter?.admit();
    assertMay(caller, access);
    const params = input.params(context.req.path, given);
    const query = input.query(context.req);
    const answer = async (request: Request): Promise<Answered> => {
      const reading = input.body(request);
      const body = reading && (await reading);
      const known = { request, env, caller, meter, meterOf, forgetTenant: forget, waitUntil };
      const call = { ...known, params, query, body };
      return handler(call as unknown as Call<Operation>);
    };
    const answered = asksForOneAnswer(context.req.raw, entry)
      ? await answerOnce(context.req.raw, requestId, ledgerOf(env, caller, given.head), answer)
      : await answer(context.req.raw);
    const dropping = dropUnread(context.req.raw);
    if (dropping !== null) await dropping; // most requests have nothing to discard, and need no turn of the microtask queue
    return finished(answered, requestId, meter?.fields());
  });
}

/** Loaded on demand, because it loads Node's crypto. */
const answerOnce: typeof import("./idempotency/idempotency.ts").answerOnce = async (...args) =>
  (await import("./idempotency/idempotency.ts")).answerOnce(...args);

/**
 * SECURITY: a signed request stores nothing before its signature is verified, and has its own id. A call that changes nothing
 * is simply repeated, so that a key with scope predict stores nothing.
 */
const asksForOneAnswer = ({ method, headers }: Request, { access, changesNothing = false }: RouteEntry): boolean =>
  method === "POST" && access !== "signature" && !changesNothing && headers.has("Idempotency-Key");
