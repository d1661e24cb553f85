// Puts a route of the contract on the app: authorise, parse, answer. The order is the security: nothing of a request is
// looked at before its caller is known.
import { z } from "@hono/zod-openapi";
import type { Context, Hono } from "hono";
import type { Access } from "../contract/common.ts";
import type { Operation, RouteEntry } from "../contract/routes.ts";
import type { IdempotencyRpc } from "../contract/rpc.ts";
import { type Bindings, type Env, readEnv } from "../env.ts";
import { authorise, type Caller } from "./auth.ts";
import { readJson, refuseEncoding } from "./body.ts";
import type { Call, Handler } from "./call.ts";
import { parse } from "./validate.ts";

export interface AppTypes {
  Bindings: Bindings;
  Variables: { requestId: string };
}

export function mount(app: Hono<AppTypes>, entry: RouteEntry, handler: Handler<Operation>): void {
  const { route, access } = entry;
  const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
  app.on(route.method.toUpperCase(), path, async (context) => {
    const env = readEnv(context.env);
    const caller = await authorise(context.req.raw, access, env);
    const given = context.req.param() as Record<string, string>;
    const params = route.request?.params ? parse(route.request.params as z.ZodType, given, "The path") : undefined;
    const query = parseQuery(context, route.request?.query as z.ZodType | undefined);
    const { requestId } = context.var;
    const answer = async (request: Request): Promise<Response> => {
      const body = await parseBody(request, entry);
      const call = { request, requestId, env, caller, params, query, body };
      return handler(call as unknown as Call<Operation>);
    };
    if (!asksForOneAnswer(context.req.raw, access)) return answer(context.req.raw);
    const { answerOnce } = await import("./idempotency.ts"); // on demand: it brings Node's crypto with it
    return answerOnce(context.req.raw, requestId, ledgerOf(env, caller, given.head), answer);
  });
}

/** SECURITY: of a signed request, nothing is remembered before its signature is verified; it has a name of its own. */
const asksForOneAnswer = ({ method, headers }: Request, access: Access): boolean =>
  method === "POST" && access !== "signature" && headers.has("Idempotency-Key");

const NO_PARAMETERS = z.strictObject({});

function parseQuery(context: Context<AppTypes>, schema: z.ZodType | undefined): unknown {
  const given = Object.entries(context.req.queries());
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
