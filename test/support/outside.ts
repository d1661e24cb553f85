// The internet for tests inside the runtime: one host, which responds according to the path. No other host is reachable.
// http://outside.test/<status>[/<bytes of the answer>][?<header>=<value>]

export function outside(request: { readonly url: string }): Response {
  const { hostname, pathname, searchParams } = new URL(request.url);
  const [, status, bytes] = /^\/(\d{3})(?:\/(\d+))?$/.exec(pathname) ?? [];
  if (hostname !== "outside.test" || status === undefined) return new Response("unreachable", { status: 502 });
  const body = Number(status) === 204 ? null : "x".repeat(Number(bytes ?? 0));
  return new Response(body, { status: Number(status), headers: Object.fromEntries(searchParams) });
}
