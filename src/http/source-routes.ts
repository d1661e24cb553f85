// Finds the head's object and the tenant's quotas from a source's id, for its webhooks. Cached in the isolate for a while. An
// outdated route is harmless, because the object knows whether head and source exist.
import type { SourceRoute } from "../contract/tenant-rpc.ts";
import type { FullQuotas } from "../contract/tenants.ts";
import { LIMITS } from "../core/limits.ts";
import type { Env } from "../env.ts";

export interface ReadyRoute extends SourceRoute {
  readonly quotas: FullQuotas;
}

interface Kept {
  readonly route: ReadyRoute;
  readonly readAt: number;
}

const SOURCE_ID = /^src_[0-9A-Za-z]{20}$/;
/** By source id, which is unique across tenants; oldest first. */
const kept = new Map<string, Kept>();

/** null if the source is unknown. A malformed id costs no lookup. */
export async function routeOfSource(env: Env, source: string, now: number): Promise<ReadyRoute | null> {
  const known = kept.get(source);
  if (known && now - known.readAt < LIMITS.sourceRouteSeconds * 1_000) return known.route;
  const route = SOURCE_ID.test(source) ? await lookUp(env, source) : null;
  kept.delete(source);
  if (route) keep(source, { route, readAt: now });
  return route;
}

function keep(source: string, entry: Kept): void {
  kept.set(source, entry);
  const [oldest] = kept.keys();
  if (kept.size > LIMITS.sourceRoutesCached && oldest !== undefined) kept.delete(oldest);
}

async function lookUp(env: Env, source: string): Promise<ReadyRoute | null> {
  const route = await env.directory().sourceRoute(source);
  if (!route) return null;
  const tenant = await env.tenant(route.tenant).describe();
  return tenant.ok ? { ...route, quotas: tenant.value.quotas } : null;
}
