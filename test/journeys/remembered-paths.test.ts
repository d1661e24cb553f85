// The memory of the path cache: it holds paths, and no other part of their URLs.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { RememberingRouter, remembering } from "../../src/http/path-cache.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const QUERY = "x".repeat(16_000);

/** A path that is cut from a URL, as Hono does. */
function pathOf(i: number): string {
  const url = `https://example.com/v1/heads/head-number-${i}/policy?${QUERY}${i}`;
  return url.slice(url.indexOf("/", 8), url.indexOf("?"));
}

it("the path cache keeps none of the queries in the URLs of its paths", () => {
  const router = new RememberingRouter<string>();
  router.add("GET", "/v1/heads/:head/policy", "policy");
  const headIn = remembering((params: Record<string, string>) => params.head);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < LIMITS.pathsRemembered; i++) {
    const path = pathOf(i);
    const [[, params] = []] = router.match("GET", path)[0];
    expect(headIn(path, params as Record<string, string>)).toBe(`head-number-${i}`);
  }
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(LIMITS.pathsRemembered * 4_000);
});
