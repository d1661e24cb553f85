// The OpenAPI document of the API, generated from the contract.
import { OpenAPIHono } from "@hono/zod-openapi";
import { exampleRow } from "../../src/contract/examples.ts";
import { ROUTES, type RouteEntry } from "../../src/contract/routes.ts";
import { VERSION } from "../../src/core/version.ts";

/** OpenAPI 3.1. */
export function openApiDocument() {
  const registry = new OpenAPIHono();
  const { openAPIRegistry } = registry;
  openAPIRegistry.registerComponent("securitySchemes", "key", { type: "http", scheme: "bearer" });
  openAPIRegistry.register("ExampleRow", exampleRow);
  for (const { route, access } of Object.values<RouteEntry>(ROUTES)) {
    openAPIRegistry.registerPath({ ...route, description: accessText[access] });
  }
  return registry.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "lastlayer", version: VERSION, description: "A classifier for every customer of your product." },
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
