// Puts a route of the contract on the app: authorise, parse, answer. The order is the security: nothing of a request is
// looked at before its caller is known.
import { z } from "@hono/zod-openapi";
import type { Context, Hono } from "hono";
import type { Access } from "../contract/common.ts";
import type { Operation, RouteEntry } from "../contract/routes.ts";
import type { IdempotencyRpc } from "../contract/rpc.ts";
import { LIMITS } from "../core/limits.ts";
import { unwrap } from "../core/problems.ts";
import { type Bindings, type Env, readEnv } from "../env.ts";
import { assertMay, authenticate, type Caller, type FindKey, type TenantCaller } from "./auth.ts";
import { readJson, refuseEncoding } from "./body.ts";
import type { Call, Handler } from "./call.ts";
import { KeyCache } from "./key-cache.ts";
import { Accounts, Meter, type Metered } from "./meter.ts";
import { parse } from "./validate.ts";

export interface AppTypes {
  Bindings: Bindings;
  Variables: { requestId: string; meter: Meter | undefined };
}

type WaitUntil = (work: Promise<unknown>) => void;

/** What this Worker remembers from one request to the next. */
export interface Memory {
  readonly keys: KeyCache<TenantCaller>;
  readonly accounts: Accounts;
}

export function makeMemory(): Memory {
  const clock = { now: () => Date.now(), wait: (ms: number) => scheduler.wait(ms) };
  return { keys: new KeyCache({ ...clock, most: LIMITS.keysCached }), accounts: new Accounts(clock) };
}

export function mount(app: Hono<AppTypes>, entry: RouteEntry, handler: Handler<Operation>, memory: Memory): void {
  const { route, access } = entry;
  const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
  const forgetTenant = (tenant: string): void => {
    memory.keys.forget(tenant);
    memory.accounts.distrust(tenant);
  };
  app.on(route.method.toUpperCase(), path, async (context) => {
    const env = readEnv(context.env);
    const waitUntil = (work: Promise<unknown>): void => context.executionCtx.waitUntil(work);
    const caller = await authenticate(context.req.raw, access, env, finderOf(env, waitUntil, entry, memory));
    const given = context.req.param() as Record<string, string>;
    const meterOf = (owner: Metered, head: string) => new Meter(env, owner, head, memory.accounts.of(owner), waitUntil);
    const meter = caller.kind === "tenant" ? meterOf(caller, given.head ?? "") : undefined;
    context.set("meter", meter);
    await meter?.admit();
    assertMay(caller, access);
    const params = route.request?.params ? parse(route.request.params as z.ZodType, given, "The path") : undefined;
    const query = parseQuery(context, route.request?.query as z.ZodType | undefined);
    const { requestId } = context.var;
    const answer = async (request: Request): Promise<Response> => {
      const body = await parseBody(request, entry);
      const known = { request, requestId, env, caller, meter, meterOf, forgetTenant, waitUntil };
      const call = { ...known, params, query, body };
      return handler(call as unknown as Call<Operation>);
    };
    if (!asksForOneAnswer(context.req.raw, access)) return answer(context.req.raw);
    const { answerOnce } = await import("./idempotency.ts"); // on demand: it brings Node's crypto with it
    return answerOnce(context.req.raw, requestId, ledgerOf(env, caller, given.head), answer);
  });
}

/**
 * How a key is looked up for a route. SECURITY: a remembered key opens heads only, which are named after the tenant as it was
 * made. Whatever else asks the tenant's object anyway, and might find another tenant there, or make keys: looked up now.
 */
function finderOf(env: Env, waitUntil: WaitUntil, { route }: RouteEntry, { keys }: Memory): FindKey {
  const isOfHead = route.path.includes("{head}");
  return (hash, tenant) => {
    const ask = async (): Promise<TenantCaller | null> => {
      const principal = unwrap(await env.tenant(tenant).authenticate(hash));
      return principal && { kind: "tenant", ...principal };
    };
    return isOfHead ? keys.find(hash, { ask, waitUntil }) : keys.renew(hash, ask);
  };
}

/** SECURITY: of a signed request, nothing is remembered before its signature is verified; it has a name of its own. */
const asksForOneAnswer = ({ method, headers }: Request, access: Access): boolean =>
  method === "POST" && access !== "signature" && headers.has("Idempotency-Key");

const NO_PARAMETERS = z.strictObject({});

function parseQuery(context: Context<AppTypes>, schema: z.ZodType | undefined): unknown {
  const given = context.req.url.includes("?") ? Object.entries(context.req.queries()) : [];
  const single = given.map(([name, values]) => [name, values.length === 1 ? values[0] : values]);
  return parse(schema ?? NO_PARAMETERS, Object.fromEntries(single), "The query");
}

async function parseBody(request: Request, { route, body }: RouteEntry): Promise<unknown> {
  const described = route.request?.body;
  if (!described) return undefined;
  refuseEncoding(request);
  if (body === "raw") return undefined;
  const schema = body ?? (described.content["application/json"] as { schema: z.ZodType }).schema;
  const value = await readJson(request, described.required === true);
  return parse(schema, value === undefined ? {} : value, "The body");
}

/** Who remembers the answers of a call: the head it is about, else its tenant, else the operator's directory. */
function ledgerOf(env: Env, caller: Caller, head: string | undefined): IdempotencyRpc {
  if (caller.kind !== "tenant") return env.directory();
  return head === undefined ? env.tenant(caller.tenant) : env.head(caller, head);
}
