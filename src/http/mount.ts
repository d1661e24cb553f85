// Mounts a route of the contract on the app: authenticate, parse, respond. The order matters for security: nothing of a request
// is read before its caller is known.
import { z } from "@hono/zod-openapi";
import { type Context, Hono } from "hono";
import type { Operation, RouteEntry } from "../contract/routes.ts";
import { type Bindings, readEnv } from "../env.ts";
import { assertMay, authenticate } from "./auth/auth.ts";
import { Meter, type Metered } from "./metering/meter.ts";
import { RememberingRouter, remembering } from "./path-cache.ts";
import { dropUnread, readJson, refuseEncoding } from "./request/body.ts";
import { type Call, type Handler, ledgerOf } from "./request/call.ts";
import { newRequestId } from "./request/request-id.ts";
import { parse } from "./request/validate.ts";
import { type Answered, sent } from "./response/answer.ts";
import { standardFields } from "./response/standard-headers.ts";
import { finderOf, type Memory } from "./worker-caches.ts";

export interface AppTypes {
  Bindings: Bindings;
  Variables: { requestId: string; meter: Meter | undefined };
}

export const emptyApp = (): Hono<AppTypes> => new Hono({ router: new RememberingRouter() });

export function mount(app: Hono<AppTypes>, entry: RouteEntry, handler: Handler<Operation>, memory: Memory): void {
  const { route, access } = entry;
  const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
  const forgetTenant = (tenant: string): void => {
    memory.keys.forget(tenant);
    memory.accounts.distrust(tenant);
    memory.tenants.forget(tenant);
  };
  const givenIn = remembering((context: Context<AppTypes>) => context.req.param() as Record<string, string>);
  const queryIn = queryReader(entry);
  const bodySchema = bodySchemaOf(entry);
  const paramsIn = remembering((given: Record<string, string>) => parseParams(given, entry));
  app.on(route.method.toUpperCase(), path, async (context) => {
    const requestId = newRequestId();
    context.set("requestId", requestId);
    const env = readEnv(context.env);
    const waitUntil = (work: Promise<unknown>): void => context.executionCtx.waitUntil(work);
    const caller = await authenticate(context.req.raw, access, env, finderOf(env, waitUntil, entry, memory));
    const given = givenIn(context.req.path, context);
    const meterOf = (owner: Metered, head: string) => new Meter(env, owner, head, memory.accounts.of(owner), waitUntil);
    const meter = caller.kind === "tenant" ? meterOf(caller, given.head ?? "") : undefined;
    context.set("meter", meter);
    await meter?.admit();
    assertMay(caller, access);
    const params = paramsIn(context.req.path, given);
    const query = queryIn(context);
    const answer = async (request: Request): Promise<Answered> => {
      if (route.request?.body) refuseEncoding(request);
      const body = bodySchema && (await parseBody(request, bodySchema, entry));
      const known = { request, env, caller, meter, meterOf, forgetTenant, waitUntil };
      const call = { ...known, params, query, body };
      return handler(call as unknown as Call<Operation>);
    };
    const answered = asksForOneAnswer(context.req.raw, entry)
      ? await answerOnce(context.req.raw, requestId, ledgerOf(env, caller, given.head), answer)
      : await answer(context.req.raw);
    const dropping = dropUnread(context.req.raw);
    if (dropping !== null) await dropping; // most requests have nothing to discard, and need no turn of the microtask queue
    return sent(answered, { ...meter?.fields(), ...standardFields(requestId) });
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

const NO_PARAMETERS = z.strictObject({});

const parseParams = (given: Record<string, string>, { route }: RouteEntry): unknown =>
  route.request?.params ? parse(route.request.params as z.ZodType, given, "The path") : given;

/** Reads the query. The parsed empty query, the most frequent one, is reused. */
function queryReader({ route }: RouteEntry): (context: Context<AppTypes>) => unknown {
  const schema = (route.request?.query as z.ZodType | undefined) ?? NO_PARAMETERS;
  let none: { readonly parsed: unknown } | undefined;
  return (context) => {
    if (context.req.url.includes("?")) return parseQuery(context, schema);
    none ??= { parsed: parse(schema, {}, "The query") };
    return none.parsed;
  };
}

function parseQuery(context: Context<AppTypes>, schema: z.ZodType): unknown {
  const given = Object.entries(context.req.queries());
  const single = given.map(([name, values]) => [name, values.length === 1 ? values[0] : values]);
  return parse(schema, Object.fromEntries(single), "The query");
}

/** The schema that parses the body; undefined without a body, or if the handler reads it. */
function bodySchemaOf({ route, body }: RouteEntry): z.ZodType | undefined {
  if (!route.request?.body || body === "raw") return undefined;
  return body ?? (route.request.body.content["application/json"] as { schema: z.ZodType }).schema;
}

async function parseBody(request: Request, schema: z.ZodType, { route }: RouteEntry): Promise<unknown> {
  const value = await readJson(request, route.request?.body?.required === true);
  return parse(schema, value === undefined ? {} : value, "The body");
}
