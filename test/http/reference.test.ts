// What answers without a key: health, the OpenAPI document, and the reference page with files of this deployment only.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/core/version.ts";
import { call } from "../support/service.ts";

const { ASSETS } = env as unknown as { ASSETS: Fetcher };

describe("GET /healthz", () => {
  it("answers that the service is up and which version it is, without a key", async () => {
    const { status, body, headers } = await call("GET", "/healthz");
    expect({ status, body }).toEqual({ status: 200, body: { status: "ok", version: VERSION } });
    expect(headers.get("Content-Type")).toMatch(/^application\/json/);
  });
});

describe("GET /openapi.json", () => {
  type Node = { readonly [key: string]: unknown };
  const walk = (value: unknown, visit: (node: Node) => void): void => {
    if (value === null || typeof value !== "object") return;
    if (!Array.isArray(value)) visit(value as Node);
    for (const inner of Object.values(value)) walk(inner, visit);
  };

  it("has every schema that it refers to", async () => {
    const { body } = await call<{ components: { schemas: object } }>("GET", "/openapi.json");
    const names = new Set<string>();
    walk(body, ({ $ref }) => typeof $ref === "string" && names.add($ref.replace("#/components/schemas/", "")));
    expect([...names].filter((name) => !(name in body.components.schemas))).toEqual([]);
    expect(names.size).toBeGreaterThan(5);
  });

  it("asks for a key everywhere but on health and where a signature is one, and describes problems everywhere else", async () => {
    type Operation = { operationId: string; security?: unknown[]; responses: Node };
    const { body } = await call<{ paths: Record<string, Record<string, Operation>> }>("GET", "/openapi.json");
    const operations = Object.values(body.paths).flatMap((methods) => Object.values(methods));
    const open = operations.filter(({ security }) => !security?.length).map(({ operationId }) => operationId);
    expect(open).toEqual(["getHealth", "receiveDelivery"]);
    for (const { operationId, responses } of operations) {
      if (operationId !== "getHealth") expect(JSON.stringify(responses.default)).toContain("application/problem+json");
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it("describes the path parameters that its paths have", async () => {
    type Operation = { parameters?: { in: string; name: string }[] };
    const { body } = await call<{ paths: Record<string, Record<string, Operation>> }>("GET", "/openapi.json");
    for (const [path, methods] of Object.entries(body.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
      for (const { parameters = [] } of Object.values(methods)) {
        expect(
          parameters
            .filter((one) => one.in === "path")
            .map(({ name }) => name)
            .sort(),
        ).toEqual(names);
      }
    }
  });

  it("has no schema that forbids in one part what another part of it asks for", async () => {
    const { body } = await call<{ components: { schemas: Record<string, Node> } }>("GET", "/openapi.json");
    const { schemas } = body.components;
    const targetOf = (part: Node): Node => schemas[String(part.$ref).replace("#/components/schemas/", "")] ?? part;
    const parts: Node[] = [];
    walk(body, ({ allOf }) => Array.isArray(allOf) && parts.push(...allOf.map(targetOf)));
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.filter(({ additionalProperties }) => additionalProperties === false)).toEqual([]);
  });
});

describe("GET /docs", () => {
  it("is a page whose scripts and styles are all served from here", async () => {
    const { status, text, headers } = await call("GET", "/docs");
    expect(status).toBe(200);
    expect(headers.get("Content-Type")).toMatch(/^text\/html/);
    expect(text).toContain("/openapi.json");
    const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url as string);
    expect(files.length).toBeGreaterThanOrEqual(2);
    expect(text).not.toMatch(/https?:\/\//);
    for (const file of files) {
      const asset = await ASSETS.fetch(new URL(file, "http://lastlayer.test"));
      expect(asset.status, file).toBe(200);
      expect(asset.headers.get("Content-Type")).toMatch(file.endsWith(".css") ? /text\/css/ : /javascript/);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
    }
  });
});
