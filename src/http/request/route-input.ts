// Reads the inputs of a route from a request: path, query and body, parsed by the schemas of the route.
import { z } from "@hono/zod-openapi";
import type { HonoRequest } from "hono";
import type { RouteEntry } from "../../contract/route-entry.ts";
import { remembering } from "../path-cache.ts";
import { readJson, refuseEncoding } from "./body.ts";
import { parse } from "./validate.ts";

type Given = Record<string, string>;

export interface RouteInput {
  /** The parameters in the path, unparsed. */
  given(request: HonoRequest): Given;
  params(path: string, given: Given): unknown;
  query(request: HonoRequest): unknown;
  /** The parsed body; undefined without a body, or if the handler reads it. */
  body(request: Request): Promise<unknown> | undefined;
}

/** Paths that were read are cached, because most requests are for a few paths. */
export function routeInputOf(entry: RouteEntry): RouteInput {
  const givenIn = remembering((request: HonoRequest) => request.param() as Given);
  const bodySchema = bodySchemaOf(entry);
  return {
    given: (request) => givenIn(request.path, request),
    params: remembering((given: Given) => parseParams(given, entry)),
    query: queryReader(entry),
    body: (request) => {
      if (entry.route.request?.body) refuseEncoding(request);
      return bodySchema && parseBody(request, bodySchema, entry);
    },
  };
}

const NO_PARAMETERS = z.strictObject({});

const parseParams = (given: Given, { route }: RouteEntry): unknown =>
  route.request?.params ? parse(route.request.params as z.ZodType, given, "The path") : given;

/** Reads the query. The parsed empty query, the most frequent one, is reused. */
function queryReader({ route }: RouteEntry): (request: HonoRequest) => unknown {
  const schema = (route.request?.query as z.ZodType | undefined) ?? NO_PARAMETERS;
  let none: { readonly parsed: unknown } | undefined;
  return (request) => {
    if (request.url.includes("?")) return parseQuery(request, schema);
    none ??= { parsed: parse(schema, {}, "The query") };
    return none.parsed;
  };
}

function parseQuery(request: HonoRequest, schema: z.ZodType): unknown {
  const given = Object.entries(request.queries());
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
