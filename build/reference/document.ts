// The OpenAPI document of the API: generated from the contract, with examples, header fields, problem codes and events.
import { OpenAPIHono } from "@hono/zod-openapi";
import { exampleRow } from "../../src/contract/examples.ts";
import type { RouteEntry } from "../../src/contract/route-entry.ts";
import { type Operation, ROUTES } from "../../src/contract/routes.ts";
import { VERSION } from "../../src/core/version.ts";
import { SCHEME_BY_NAME } from "../../src/webhooks/schemes/registry.ts";
import { EVENT_HEADERS, eventHooks } from "./events.ts";
import { problemCodeSchema, problemExamples } from "./examples/problems.ts";
import { REQUEST_EXAMPLES } from "./examples/requests.ts";
import { RESPONSE_EXAMPLES } from "./examples/responses.ts";
import { REQUEST_HEADERS, RESPONSE_HEADERS, requestHeadersOf, responseHeadersOf } from "./headers.ts";
import { problemCodesOf } from "./problem-codes.ts";

/** OpenAPI 3.1. */
export function openApiDocument() {
  const document = generated();
  const components = document.components as unknown as Components;
  components.schemas.Problem.properties.code = problemCodeSchema();
  nameSchemes(components.schemas.Source);
  components.parameters = { ...REQUEST_HEADERS, ...EVENT_HEADERS };
  components.headers = RESPONSE_HEADERS;
  components.examples = problemExamples();
  for (const name of Object.keys(ROUTES) as Operation[]) {
    const { path, method } = ROUTES[name].route;
    complete(name, (document.paths as Paths)[path]?.[method] as ToComplete);
  }
  nameSchemes(bodyOf(document.paths as Paths, "createSource"));
  return { ...document, webhooks: eventHooks() };
}

interface ObjectSchema {
  readonly properties: Record<string, unknown>;
}

/** The components that are added to. */
interface Components extends Record<string, unknown> {
  readonly schemas: { readonly Problem: ObjectSchema; readonly Source: ObjectSchema };
}

function bodyOf(paths: Paths, name: Operation): ObjectSchema {
  const { path, method } = ROUTES[name].route;
  const operation = paths[path]?.[method] as Required<ToComplete>;
  return (operation.requestBody.content["application/json"] as { readonly schema: ObjectSchema }).schema;
}

/** The registry of signature schemes decides which names exist, so the contract's schema is a string. */
function nameSchemes({ properties }: ObjectSchema): void {
  properties.scheme = { ...(properties.scheme as object), enum: Object.keys(SCHEME_BY_NAME) };
}

/** The parts of an operation that are added to. */
interface ToComplete {
  parameters?: object[];
  readonly requestBody?: { readonly content: Record<string, object> };
  responses: Record<string, { description: string; headers?: object; content?: Record<string, object> }>;
}
type Paths = Record<string, Record<string, unknown>>;

function generated() {
  const registry = new OpenAPIHono();
  const { openAPIRegistry } = registry;
  openAPIRegistry.registerComponent("securitySchemes", "key", { type: "http", scheme: "bearer" });
  openAPIRegistry.register("ExampleRow", exampleRow);
  for (const { route, access } of Object.values<RouteEntry>(ROUTES)) {
    openAPIRegistry.registerPath({ security: [], ...route, description: accessText[access] });
  }
  return registry.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "lastlayer",
      version: VERSION,
      description: "A classifier for every customer of your product.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
  });
}

const accessText: Readonly<Record<RouteEntry["access"], string>> = {
  public: "Needs no key.",
  signature: "Needs no key: the request is signed.",
  operator: "Needs the admin key.",
  any: "Needs any key.",
  predict: "Needs a tenant key of scope predict or wider.",
  read: "Needs a tenant key of scope read or wider.",
  write: "Needs a tenant key of scope write or wider.",
  admin: "Needs a tenant key of scope admin.",
};

const refsTo = (kind: string, names: readonly string[]) =>
  names.map((name) => ({ $ref: `#/components/${kind}/${name}` }));

/** Adds header fields, examples and problem codes to an operation, in place. */
function complete(name: Operation, operation: ToComplete): void {
  const headers = refsTo("parameters", requestHeadersOf(name));
  if (headers.length > 0) operation.parameters = [...(operation.parameters ?? []), ...headers];
  const json = operation.requestBody?.content["application/json"];
  if (json) Object.assign(json, { example: REQUEST_EXAMPLES[name] });
  for (const [status, response] of Object.entries(operation.responses)) {
    const fields = responseHeadersOf(name, status === "default" ? "problem" : Number(status));
    response.headers = Object.fromEntries(fields.map((field) => [field, { $ref: `#/components/headers/${field}` }]));
    if (status === "default") showProblems(response, problemCodesOf(name));
    for (const [type, shown] of Object.entries(RESPONSE_EXAMPLES[name][Number(status)] ?? {}))
      Object.assign(response.content?.[type] ?? {}, shown);
  }
}

function showProblems(response: ToComplete["responses"][string], codes: readonly string[]): void {
  response.description += `. Codes: ${codes.map((code) => `\`${code}\``).join(", ")}`;
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  for (const content of Object.values(response.content ?? {})) Object.assign(content, { examples });
}
