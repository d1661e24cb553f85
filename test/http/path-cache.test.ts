// The path cache: it returns what was found the first time, and nothing of another path or method.
import type { Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { RememberingRouter, remembering } from "../../src/http/path-cache.ts";

const ROUTES = [
  ["GET", "/heads/:head"],
  ["POST", "/heads/:head"],
  ["GET", "/heads/:head/examples/export"],
  ["GET", "/heads/:head/examples/:id"],
] as const;

function routed<To extends Router<string>>(router: To): To {
  for (const [method, path] of ROUTES) router.add(method, path, `${method} ${path}`);
  return router;
}

it("the router finds what the trie finds, every time, for every path and method", () => {
  const [own, trie] = [routed(new RememberingRouter<string>()), routed(new TrieRouter<string>())];
  for (let i = 0; i < 2; i++)
    for (const path of ["/heads/a", "/heads/b", "/heads/a/examples/export", "/heads/a/examples/1", "/none"])
      for (const method of ["GET", "POST", "PUT"])
        expect([path, method, own.match(method, path)]).toEqual([path, method, trie.match(method, path)]);
  expect(own.match("GET", "/heads/b")[0]).toMatchObject([["GET /heads/:head", { head: "b" }]]);
});

it("the router finds a route that is added after its path was requested", () => {
  const router = routed(new RememberingRouter<string>());
  expect(router.match("GET", "/late")[0]).toEqual([]);
  router.add("GET", "/late", "late");
  expect(router.match("GET", "/late")[0]).toMatchObject([["late", {}]]);
});

describe("the number of lookups in the trie", () => {
  afterEach(() => vi.restoreAllMocks());

  const asked = (paths: readonly string[]): number => {
    const router = routed(new RememberingRouter<string>());
    const match = vi.spyOn(TrieRouter.prototype, "match");
    for (const path of paths) router.match("GET", path);
    return match.mock.calls.length;
  };
  const many = Array.from({ length: LIMITS.pathsRemembered + 1 }, (_, i) => `/heads/${i}`);
  const long = `/heads/${"h".repeat(LIMITS.rememberedPathChars)}`;

  it.each([
    ["one for a repeated path", ["/heads/a", "/heads/a", "/heads/a"], 1],
    ["one each time for an unknown path", ["/none", "/none"], 2],
    ["one each time for a path too long to cache", [long, long], 2],
    ["one again for a path that was evicted", [...many, "/heads/0"], many.length + 1],
  ])("is %s", (_, paths, times) => {
    expect(asked(paths)).toBe(times);
  });
});

it("the router answers more paths than it caches, and paths that are too long to cache", () => {
  const router = routed(new RememberingRouter<string>());
  for (let i = 0; i < 2 * LIMITS.pathsRemembered; i++) {
    expect(router.match("GET", `/heads/${i}`)[0]).toMatchObject([["GET /heads/:head", { head: `${i}` }]]);
  }
  const long = "h".repeat(LIMITS.rememberedPathChars);
  for (let i = 0; i < 2; i++)
    expect(router.match("GET", `/heads/${long}`)[0]).toMatchObject([["GET /heads/:head", { head: long }]]);
});

describe("a value computed from a path", () => {
  const long = `/heads/${"h".repeat(LIMITS.rememberedPathChars)}`;
  const many = Array.from({ length: LIMITS.pathsRemembered }, (_, i) => `/heads/${i}`);

  it.each([
    ["once for a repeated path", ["/a", "/b", "/a", "/b"], 2],
    ["each time for a path too long to cache", [long, long], 2],
    ["again for a path that was evicted", ["/a", ...many, "/a"], many.length + 2],
  ])("is computed %s", (_, paths, times) => {
    const read = vi.fn((from: string) => ({ from }));
    const of = remembering(read);
    for (const path of paths) expect(of(path, path)).toEqual({ from: path });
    expect(read).toHaveBeenCalledTimes(times);
  });

  it("is not cached if its computation fails", () => {
    const of = remembering((from: string | null) => {
      if (from === null) throw new Error("no");
      return from;
    });
    expect(() => of("/a", null)).toThrow("no");
    expect(of("/a", "yes")).toBe("yes");
  });
});
