// Routes without a key: health, the OpenAPI document, and the reference page with files of this deployment only.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/core/version.ts";
import { createApp } from "../../src/http/app.ts";
import { call, makeTenant } from "../support/service.ts";

const { ASSETS } = env as unknown as { ASSETS: Fetcher };

describe("GET /healthz", () => {
  it("answers without a key that the service is up, with its version", async () => {
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

  it("answers 500 if the deployment lacks the document, and never another body in its place", async () => {
    const context = { waitUntil: () => undefined, passThroughOnException: () => undefined };
    const assets = { fetch: async () => new Response("Not found", { status: 404 }) };
    const request = new Request("http://lastlayer.test/openapi.json");
    const response = await createApp().fetch(request, { ...env, ASSETS: assets } as never, context as never);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ code: "internal" });
  });

  it("has every component that it refers to", async () => {
    const { body } = await call<{ components: Record<string, object> }>("GET", "/openapi.json");
    const refs = new Set<string>();
    walk(body, ({ $ref }) => typeof $ref === "string" && refs.add($ref));
    const isThere = (ref: string): boolean => {
      const [, kind = "", name = ""] = /^#\/components\/(\w+)\/(.+)$/.exec(ref) ?? [];
      return name in (body.components[kind] ?? {});
    };
    expect([...refs].filter((ref) => !isThere(ref))).toEqual([]);
    expect(refs.size).toBeGreaterThan(50);
  });

  it("requires a key everywhere except for health and signed requests, and describes problems everywhere except for health", async () => {
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

  it("describes exactly the path parameters that its paths have", async () => {
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

  it("has no schema with contradictory parts", async () => {
    const { body } = await call<{ components: { schemas: Record<string, Node> } }>("GET", "/openapi.json");
    const { schemas } = body.components;
    const targetOf = (part: Node): Node => schemas[String(part.$ref).replace("#/components/schemas/", "")] ?? part;
    const parts: Node[] = [];
    walk(body, ({ allOf }) => Array.isArray(allOf) && parts.push(...allOf.map(targetOf)));
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.filter(({ additionalProperties }) => additionalProperties === false)).toEqual([]);
  });
});

describe("every response", () => {
  it("is not cached and has a fixed content type, whatever the result of the request", async () => {
    const { key } = await makeTenant("fields");
    const calls = [
      ...[call("GET", "/healthz"), call("GET", "/docs"), call("GET", "/openapi.json"), call("GET", "/none")],
      ...[call("PUT", "/v1/heads"), call("GET", "/v1/heads"), call("GET", "/v1/heads", { key })],
      ...[call("POST", "/v1/heads", { key, body: {} }), call("POST", "/v1/keys", { key, body: { scopes: ["read"] } })],
      call("POST", "/v1/keys", { key, body: { scopes: ["read"] }, headers: { "Idempotency-Key": "a" } }),
    ];
    for (const { status, headers } of await Promise.all(calls)) {
      expect([status, headers.get("Cache-Control")]).toEqual([status, "no-store"]);
      expect([status, headers.get("X-Content-Type-Options")]).toEqual([status, "nosniff"]);
      expect(headers.get("X-Request-Id")).toMatch(/^req_/);
    }
  });
});

describe("GET /docs", () => {
  it("may load files of this deployment and its own script only", async () => {
    const { text, headers } = await call("GET", "/docs");
    const policy = headers.get("Content-Security-Policy") ?? "";
    const [, script = ""] = /<script>(.*?)<\/script>/s.exec(text) ?? [];
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script)));
    expect(policy).toContain(`script-src 'self' 'sha256-${btoa(String.fromCharCode(...digest))}'`);
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(policy).toContain(rule);
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/);
  });

  it("is a page whose scripts and styles are all served by this deployment", async () => {
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

describe("GET /healthz of an unconfigured service", () => {
  it("names the missing settings, and none of their values", async () => {
    const context = { waitUntil: () => undefined, passThroughOnException: () => undefined };
    const { ADMIN_KEY: _, ...bindings } = env as unknown as Record<string, unknown>;
    const ask = async (given: object) => {
      const request = new Request("http://lastlayer.test/healthz");
      return (await createApp().fetch(request, given as never, context as never)).json();
    };
    expect(await ask(bindings)).toEqual({ status: "ok", version: VERSION, missing: ["ADMIN_KEY"] });
    expect(await ask({ ...bindings, ADMIN_KEY: "a-secret-of-ours" })).toEqual({ status: "ok", version: VERSION });
  });
});
