// Health, tenants, and the operator's actions on them.
import type { TenantView } from "../../contract/tenants.ts";
import { mapLimited } from "../../core/map-limited.ts";
import { unwrap } from "../../core/problems.ts";
import { VERSION } from "../../core/version.ts";
import type { Env } from "../../env.ts";
import type { Handlers } from "../request/call.ts";
import { answer, noContent } from "../response/answer.ts";

type Operations =
  | "getHealth"
  | "createTenant"
  | "listTenants"
  | "getTenant"
  | "updateTenant"
  | "deleteTenant"
  | "createTenantKey";

/** Calls to objects at once: a Worker has six connections, and a page has up to 200 rows. */
const CONCURRENCY = 6;

export const operator: Handlers<Operations> = {
  getHealth: ({ env }) => {
    const missing = env.adminKey === null ? ["ADMIN_KEY"] : [];
    return answer({ status: "ok", version: VERSION, missing: missing.length > 0 ? missing : undefined });
  },

  createTenant: async ({ env, body, forgetTenant }) => {
    const { tenant, key } = unwrap(await env.tenant(body.id).create(body.id, body.name ?? body.id));
    forgetTenant(body.id); // its absence may be cached
    return answer({ id: tenant.id, name: tenant.name, created_at: tenant.created_at, key }, 201, {
      Location: `/v1/tenants/${tenant.id}`,
    });
  },

  listTenants: async ({ env, query }) => {
    const page = unwrap(await env.directory().list(query));
    const tenants = await mapLimited(page.data, CONCURRENCY, (id) => describeOrNull(env, id));
    return answer({ ...page, data: tenants.filter((tenant) => tenant !== null) });
  },

  getTenant: async ({ env, params }) => answer(unwrap(await env.tenant(params.tenant).describe())),

  updateTenant: async ({ env, params, body, forgetTenant }) => {
    const tenant = unwrap(await env.tenant(params.tenant).update(body));
    forgetTenant(params.tenant);
    return answer(tenant);
  },

  deleteTenant: async ({ env, params, forgetTenant }) => {
    const tenant = env.tenant(params.tenant);
    unwrap(await tenant.beginDeletion());
    forgetTenant(params.tenant);
    unwrap(await tenant.finishDeletion());
    forgetTenant(params.tenant);
    return noContent();
  },

  createTenantKey: async ({ env, params, body }) =>
    answer(unwrap(await env.tenant(params.tenant).createKey(body)), 201),
};

/**
 * A tenant whose creation or deletion was interrupted is in the directory; here the creation is undone, or the deletion
 * finished.
 */
async function describeOrNull(env: Env, id: string): Promise<TenantView | null> {
  const outcome = await env.tenant(id).describe();
  if (outcome.ok) return outcome.value;
  unwrap(await env.tenant(id).finishDeletion());
  return null;
}
