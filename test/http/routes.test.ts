// The route suite over the whole contract, and requests outside of it.
import { describe, expect, it } from "vitest";
import { newRequestId } from "../../src/http/request/request-id.ts";
import { testEveryRoute } from "../suites/route.suite.ts";
import { expectProblem } from "../support/problems.ts";
import { call } from "../support/service.ts";

testEveryRoute();

describe("requests outside the contract", () => {
  it("are answered with 404 for an unknown path, with a key or without", async () => {
    expectProblem(await call("GET", "/v2/heads"), 404, "not_found");
    expectProblem(await call("GET", "/v1/heads/a/b/c/d", { key: "none" }), 404, "not_found");
  });

  it("are answered with 405 for a known path with another method, naming the supported methods", async () => {
    const answer = await call("PUT", "/v1/heads/some-head");
    expectProblem(answer, 405, "method_not_allowed");
    for (const method of ["GET", "PATCH", "DELETE"]) expect(answer.body.detail).toContain(method);
  });

  // RFC 9110, 15.5.6: a 405 MUST have an Allow header.
  it("are answered with 405 and an Allow header that lists the methods", async () => {
    const { headers } = await call("PUT", "/v1/heads/some-head");
    expect(headers.get("Allow")?.split(/, */).sort()).toEqual(["DELETE", "GET", "HEAD", "PATCH"]);
  });

  it("each get their own request id", async () => {
    const ids = await Promise.all(
      ["/healthz", "/docs", "/openapi.json", "/v1/heads", "/none"].map(async (path) =>
        (await call("GET", path)).headers.get("X-Request-Id"),
      ),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^req_[0-9A-Za-z]{20}$/);
  });

  it("each get a request id of the same form, and no two are equal", () => {
    const ids = Array.from({ length: 1_000 }, newRequestId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^req_[0-9A-Za-z]{20}$/);
  });
});
