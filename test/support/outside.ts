// The internet for the tests inside the runtime: no other host is reachable.
// http://outside.test/<status>[/<bytes of the answer>][?<header>=<value>]: a host that responds according to its path.
// http://datasets.test/<path>: real data beside the checkout; 404 where it is missing.
import { existsSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";

const DATASETS = new URL("../../../shared/datasets/", import.meta.url).pathname;

export function outside(request: { readonly url: string }): Response {
  const { hostname, pathname, searchParams } = new URL(request.url);
  if (hostname === "datasets.test") return dataset(pathname);
  const [, status, bytes] = /^\/(\d{3})(?:\/(\d+))?$/.exec(pathname) ?? [];
  if (hostname !== "outside.test" || status === undefined) return new Response("unreachable", { status: 502 });
  const body = Number(status) === 204 ? null : "x".repeat(Number(bytes ?? 0));
  return new Response(body, { status: Number(status), headers: Object.fromEntries(searchParams) });
}

function dataset(path: string): Response {
  const file = join(DATASETS, normalize(path));
  return existsSync(file) ? new Response(readFileSync(file)) : new Response("missing", { status: 404 });
}
