// The OpenAPI document beyond what the contract generates: examples that fit, header fields, problem codes, events.
import type { z } from "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../build/reference/document.ts";
import { EVENT_DATA } from "../../build/reference/events.ts";
import { REQUEST_EXAMPLES } from "../../build/reference/examples/requests.ts";
import { RESPONSE_EXAMPLES, type Shown } from "../../build/reference/examples/responses.ts";
import { problemCodesOf } from "../../build/reference/problem-codes.ts";
import { problem } from "../../src/contract/common.ts";
import { EVENTS, type EventType } from "../../src/contract/events.ts";
import type { RouteEntry } from "../../src/contract/route-entry.ts";
import { type Operation, ROUTES } from "../../src/contract/routes.ts";
import { PROBLEMS } from "../../src/core/problems.ts";
import { call } from "../support/service.ts";

const OPERATIONS = Object.keys(ROUTES) as Operation[];
type Responses = Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: z.ZodType }>> }>>;
const responsesOf = (name: Operation) => ROUTES[name].route.responses as Responses;

const examplesIn = (shown: Shown | undefined): unknown[] =>
  shown === undefined
    ? []
    : "example" in shown
      ? [shown.example]
      : Object.values(shown.examples).map(({ value }) => value);

type Json = { readonly [name: string]: Json } & { readonly $ref?: string };
const document = openApiDocument() as unknown as Json;

it("the service serves this document", async () => {
  const { body } = await call("GET", "/openapi.json");
  expect(body).toEqual(JSON.parse(JSON.stringify(document)));
});

describe.each(OPERATIONS)("%s", (name) => {
  it("shows an example of every answer with a text or JSON body, with exactly the declared fields", () => {
    for (const [status, { content = {} }] of Object.entries(responsesOf(name))) {
      for (const [type, { schema }] of status === "default" ? [] : Object.entries(content)) {
        const examples = examplesIn(RESPONSE_EXAMPLES[name][Number(status)]?.[type]);
        if (/json$|^text\//.test(type)) expect(examples.length, `${status} ${type}`).toBeGreaterThan(0);
        for (const example of examples) expect(schema.parse(example)).toEqual(example);
      }
    }
  });

  it("shows an example of each JSON request body, which its schema accepts", () => {
    const { request }: RouteEntry["route"] = ROUTES[name].route;
    const schema = (request?.body?.content["application/json"] as { schema?: z.ZodType } | undefined)?.schema;
    expect(name in REQUEST_EXAMPLES).toBe(schema !== undefined);
    expect(() => schema?.parse(REQUEST_EXAMPLES[name])).not.toThrow();
  });

  it("has examples only of answers that the contract declares", () => {
    const declared = Object.keys(responsesOf(name));
    expect(Object.keys(RESPONSE_EXAMPLES[name]).filter((status) => !declared.includes(status))).toEqual([]);
  });
});

describe("problems", () => {
  const examples = document.components?.examples as Readonly<Record<string, { value: unknown }>>;

  it("have an example for every code, in the form of the contract", () => {
    expect(Object.keys(examples)).toEqual(Object.keys(PROBLEMS));
    for (const [code, { value }] of Object.entries(examples)) {
      expect(problem().parse(value)).toEqual(value);
      expect(value).toMatchObject({ code, ...PROBLEMS[code as keyof typeof PROBLEMS] });
    }
  });

  it("are each declared by some operation, except for the method that no operation has", () => {
    const shown = new Set(OPERATIONS.flatMap(problemCodesOf));
    expect(Object.keys(PROBLEMS).filter((code) => !shown.has(code as never))).toEqual(["method_not_allowed"]);
  });
});

describe("header fields", () => {
  const parametersOf = (name: Operation): string => {
    const { path, method } = ROUTES[name].route;
    return JSON.stringify(document.paths?.[path]?.[method]?.parameters ?? []);
  };

  it("include Idempotency-Key for every POST that changes something, and for nothing else", () => {
    const having = OPERATIONS.filter((name) => parametersOf(name).includes("Idempotency-Key"));
    const posts = OPERATIONS.filter((name) => ROUTES[name].route.method === "post");
    expect(having).toEqual(posts.filter((name) => !["predict", "receiveDelivery"].includes(name)));
  });

  it("are declared as answers send them", async () => {
    const { headers } = await call("GET", "/v1/heads", { key: "none" });
    expect(headers.get("X-Request-Id")).toMatch(/^req_/);
    const declared = document.paths?.["/v1/heads"]?.get?.responses?.default?.headers ?? {};
    expect(Object.keys(declared)).toEqual(["X-Request-Id", "RateLimit", "RateLimit-Policy", "Retry-After"]);
  });
});

describe("the documentation of events", () => {
  it.each(Object.keys(EVENTS) as EventType[])("names every member of the data of %s", (type) => {
    const named = Array.from(EVENTS[type].matchAll(/`(\w+)`/g), ([, member]) => member);
    const members = EVENT_DATA[type].map((member) => member.replace("?", ""));
    expect(members.filter((member) => !named.includes(member))).toEqual([]);
    const body = document.webhooks?.[type]?.post?.requestBody?.content?.["application/json"];
    expect(Object.keys(body?.example?.data ?? {})).toEqual(members);
    expect(body?.schema?.properties?.type).toEqual({ const: type });
  });
});
