// Finds the head's object and the tenant's quotas from a source's id, for its webhooks. Cached in the isolate for a while. An
// outdated route is harmless, because the object knows whether head and source exist.
import type { SourceRoute } from "../contract/tenant-rpc.ts";
import type { FullQuotas } from "../contract/tenants.ts";
import { ExpiringMap } from "../core/expiring-map.ts";
import { LIMITS } from "../core/limits.ts";
import type { Env } from "../env.ts";

export interface ReadyRoute extends SourceRoute {
  readonly quotas: FullQuotas;
}

const SOURCE_ID = /^src_[0-9A-Za-z]{20}$/;
/** By id: no two sources share one, not even of different tenants. */
const known = new ExpiringMap<ReadyRoute>(LIMITS.sourceRoutesCached);
/** SECURITY: anyone can post to any id. Unknown ids have a separate cache, so that they displace no route. */
const absent = new ExpiringMap<true>(LIMITS.sourcesAbsentCached);

/** null if the source is unknown. A malformed id costs no lookup. */
export async function routeOfSource(env: Env, source: string, now: number): Promise<ReadyRoute | null> {
  const route = known.get(source, now);
  if (route || !SOURCE_ID.test(source) || absent.get(source, now)) return route ?? null;
  const found = await lookUp(env, source);
  if (found) known.set(source, found, now + LIMITS.sourceRouteSeconds * 1_000);
  else absent.set(source, true, now + LIMITS.sourceAbsentSeconds * 1_000);
  return found;
}

async function lookUp(env: Env, source: string): Promise<ReadyRoute | null> {
  const route = await env.directory().sourceRoute(source);
  if (!route) return null;
  const tenant = await env.tenant(route.tenant).describe();
  return tenant.ok ? { ...route, quotas: tenant.value.quotas } : null;
}
