// One call of a route as its handler sees it: parsed, typed by the contract, with a known caller.
import type { z } from "@hono/zod-openapi";
import type { IdempotencyRpc } from "../../contract/idempotency-rpc.ts";
import type { Operation, ROUTES } from "../../contract/routes.ts";
import type { HeadRpc } from "../../contract/rpc.ts";
import type { SourceRpc } from "../../contract/source-rpc.ts";
import { type Env, generationOf } from "../../env.ts";
import type { Caller, TenantCaller } from "../auth/auth.ts";
import type { Meter, Metered } from "../metering/meter.ts";
import type { Answered } from "../response/answer.ts";

type Entry<Name extends Operation> = (typeof ROUTES)[Name];
type RequestOf<Name extends Operation> = Entry<Name>["route"] extends { request: infer Request } ? Request : unknown;
type Parsed<Schema> = Schema extends z.ZodType ? z.infer<Schema> : undefined;
type ContentOf<Request> = Request extends { body: { content: { "application/json": { schema: infer Schema } } } }
  ? Schema
  : undefined;

type BodyOf<Name extends Operation> =
  Entry<Name> extends { body: infer Body } ? Parsed<Body> : Parsed<ContentOf<RequestOf<Name>>>;
type ParamsOf<Name extends Operation> = RequestOf<Name> extends { params: infer Schema } ? Parsed<Schema> : undefined;
type QueryOf<Name extends Operation> = RequestOf<Name> extends { query: infer Schema } ? Parsed<Schema> : undefined;

export interface Call<Name extends Operation> {
  readonly request: Request;
  readonly env: Env;
  readonly caller: Caller;
  /** Counts what a tenant's call spends; undefined for other callers. */
  readonly meter: Meter | undefined;
  /** The meter of a call without a key, once the handler knows its owner. */
  readonly meterOf: (owner: Metered, head: string) => Meter;
  /** Drops what this Worker caches of a tenant's keys and limits. */
  readonly forgetTenant: (tenant: string) => void;
  readonly params: ParamsOf<Name>;
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  /** Lets work continue after the response. */
  waitUntil(work: Promise<unknown>): void;
}

export type Handler<Name extends Operation> = (call: Call<Name>) => Promise<Answered> | Answered;
export type Handlers<Names extends Operation> = { readonly [Name in Names]: Handler<Name> };

/** The tenant of a call. Routes with a scope have one; otherwise the route table is wrong. */
export function tenantOf({ caller }: { readonly caller: Caller }): TenantCaller {
  if (caller.kind !== "tenant") throw new Error("A tenant's route was called without a tenant");
  return caller;
}

/** The part of a call that identifies its head. */
export interface CallOfHead {
  readonly caller: Caller;
  readonly env: Env;
  readonly params: { readonly head: string };
}

/** The object of the head in the path, within the caller's tenant. Heads of other tenants do not exist for the caller. */
export function headOf(call: CallOfHead): HeadRpc {
  const owner = tenantOf(call);
  return call.env.head(owner, call.params.head, generationOf(owner, call.params.head));
}

/** The object of the head in the path, as the interface of its sources. */
export function sourcesOf(call: CallOfHead): SourceRpc {
  const owner = tenantOf(call);
  return call.env.sources(owner, call.params.head, generationOf(owner, call.params.head));
}

/**
 * The object that stores responses for repeated requests: of the head in the path, else of the tenant, else the operator's
 * directory.
 */
export function ledgerOf(env: Env, caller: Caller, head: string | undefined): IdempotencyRpc {
  if (caller.kind !== "tenant") return env.directory();
  return head === undefined ? env.tenant(caller.tenant) : env.head(caller, head, generationOf(caller, head));
}
