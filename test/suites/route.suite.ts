// Requirements of every route. The suite runs for each entry of the contract's table, so a new entry is tested automatically.
import { beforeAll, describe, expect, it } from "vitest";
import type { RouteEntry } from "../../src/contract/route-entry.ts";
import { type Operation, ROUTES } from "../../src/contract/routes.ts";
import { expectProblem, withoutRequestId } from "../support/problems.ts";
import {
  ADMIN_KEY,
  type Answer,
  type CallOptions,
  call,
  makeHead,
  makeKey,
  makeTenant,
  type ProblemBody,
} from "../support/service.ts";

const SCOPES = ["predict", "read", "write", "admin"] as const;
type OpenApi = {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> } | undefined>>;
};

interface Given {
  /** Path parameters. They may name something that does not exist. */
  readonly head: string;
  readonly keys: Readonly<Record<string, string>>;
}

const TENANT = "route-suite";
const given: { head: string; keys: Record<string, string> } = { head: "mine", keys: { operator: ADMIN_KEY } };

function pathOf(route: RouteEntry["route"], { head }: Given): string {
  const absent = { id: "absent", job: "job_absent", version: "999", source: "src_absent", delivery: "absent" };
  const values: Record<string, string> = { head, tenant: TENANT, ...absent };
  return route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] as string);
}

const takesJson = ({ route }: RouteEntry): boolean =>
  route.request?.body?.content !== undefined && "application/json" in route.request.body.content;

/** A key that the route accepts, even if nothing that the path names exists. */
const openerOf = ({ access }: RouteEntry): string =>
  (access === "operator" ? given.keys.operator : given.keys.admin) as string;

async function prepare(): Promise<void> {
  const { key } = await makeTenant(TENANT);
  for (const scope of SCOPES) given.keys[scope] = (await makeKey(TENANT, scope)).key;
  const { key: theirs } = await makeTenant(`${TENANT}-other`);
  await makeHead(key, "mine");
  await makeHead(theirs, "theirs");
}

/** Call it once in a test file, at the top level. */
export function testEveryRoute(): void {
  beforeAll(prepare);
  for (const name of Object.keys(ROUTES) as Operation[]) {
    const entry: RouteEntry = ROUTES[name];
    describe(`${name}: ${entry.route.method.toUpperCase()} ${entry.route.path}`, () => {
      const ask = (options: CallOptions, head = given.head) =>
        call(entry.route.method.toUpperCase(), pathOf(entry.route, { ...given, head }), options);
      testPresence(name, entry);
      if (entry.access !== "public" && entry.access !== "signature") testKeys(entry, ask);
      if (takesJson(entry) && entry.access !== "signature") testBodies(entry, ask);
      if (entry.route.path.includes("{head}")) testForeignHead(entry, ask);
    });
  }
}

/** Signed routes are requested for something that does not exist. */
const STATUS_WITHOUT_KEY: Partial<Record<RouteEntry["access"], number>> = { public: 200, signature: 404 };

type Ask = (options: CallOptions, head?: string) => Promise<Answer<ProblemBody>>;

function testPresence(name: Operation, { route }: RouteEntry): void {
  it("exists, because a call without a key gets an error about the key, not about the path", async () => {
    const answer = await call(route.method.toUpperCase(), pathOf(route, given));
    expect(answer.status).toBe(STATUS_WITHOUT_KEY[ROUTES[name].access] ?? 401);
    expect(answer.headers.get("X-Request-Id")).toMatch(/^req_/);
  });

  it("is in the OpenAPI document with the name of its operation", async () => {
    const { body } = await call<OpenApi>("GET", "/openapi.json");
    expect(body.openapi).toMatch(/^3\.1\./);
    const operation = body.paths[route.path]?.[route.method];
    expect(operation?.operationId).toBe(name);
    expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(Object.keys(route.responses)));
  });
}

function testKeys({ access }: RouteEntry, ask: Ask): void {
  it("refuses a call without a key", async () => expectProblem(await ask({}), 401, "unauthenticated"));

  it("refuses an invalid key", async () =>
    expectProblem(await ask({ key: `ll_${TENANT}_${"x".repeat(36)}` }), 401, "unauthenticated"));

  if (access === "operator") {
    it("refuses a tenant's key, whatever its scope is", async () =>
      expectProblem(await ask({ key: given.keys.admin }), 403, "forbidden"));
    return;
  }
  if (access === "any") {
    it("accepts a key with any scope, and the operator's key", async () => {
      for (const key of Object.values(given.keys)) expect((await ask({ key })).status).toBe(200);
    });
    return;
  }
  it("refuses the operator's key", async () =>
    expectProblem(await ask({ key: given.keys.operator }), 403, "forbidden"));

  const tooSmall = SCOPES.slice(0, SCOPES.indexOf(access as (typeof SCOPES)[number]));
  if (tooSmall.length > 0) {
    it("refuses a key with a smaller scope", async () => {
      for (const scope of tooSmall) expectProblem(await ask({ key: given.keys[scope] }), 403, "forbidden");
    });
  }

  it("accepts a key with its scope or with one that includes it", async () => {
    for (const scope of SCOPES.slice(tooSmall.length)) {
      const { status } = await ask({ key: given.keys[scope] }, "nobody");
      expect([401, 403]).not.toContain(status);
    }
  });
}

function testBodies(entry: RouteEntry, ask: Ask): void {
  it("refuses a body of another content type, even one that is named like a property of every object", async () => {
    for (const type of ["application/xml", "constructor", "__proto__"]) {
      const headers = { "Content-Type": type };
      expectProblem(await ask({ key: openerOf(entry), body: "<a/>", headers }), 415, "unsupported_media_type");
    }
  });

  it("refuses a body that is not JSON", async () => {
    const headers = { "Content-Type": "application/json" };
    expectProblem(await ask({ key: openerOf(entry), body: '{"id": ', headers }), 400, "invalid_request");
  });

  it("names an unknown field", async () => {
    const answer = await ask({ key: openerOf(entry), body: { no_such_field: 1 } });
    expectProblem(answer, 400, "invalid_request");
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toContain("/no_such_field");
  });
}

function testForeignHead(entry: RouteEntry, ask: Ask): void {
  it("answers for another tenant's head as for a head that does not exist", async () => {
    const body = WELL_FORMED[entry.route.operationId as Operation];
    const options = { key: openerOf(entry), body };
    const [foreign, missing] = [await ask(options, "theirs"), await ask(options, "nobody")];
    expectProblem(foreign, 404, "not_found");
    expectProblem(missing, 404, "not_found");
    const detail = foreign.body.detail.replace("theirs", "nobody");
    expect({ ...withoutRequestId(foreign), detail }).toEqual(withoutRequestId(missing));
  });
}

/** Valid bodies, with which a call reaches its head. */
const WELL_FORMED: Partial<Record<Operation, unknown>> = {
  updateHead: {},
  uploadExamples: { examples: [{ features: [1, 2], label: "a" }] },
  updateExample: {},
  setTraffic: { split: [{ version: 1, weight: 1 }] },
  labelCapture: { label: "a" },
  giveFeedback: { input: { features: [1, 2] }, label: "a" },
  setPolicy: {},
  startJob: {},
  importVersion: {},
  predict: { inputs: [{ features: [1, 2] }] },
  createSource: { scheme: "github", action: "train" },
  updateSource: {},
  testSource: { payload: {} },
};
