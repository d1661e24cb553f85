// Who is calling, and whether they may. Keys that cannot be right (no key, truncated, mistyped) cost no lookup.
import { type Access, SCOPES, type Scope } from "../contract/common.ts";
import type { FullQuotas } from "../contract/tenants.ts";
import { sha256Hex, utf8 } from "../core/bytes.ts";
import { tenantOfKey } from "../core/ids.ts";
import { Fault, unwrap } from "../core/problems.ts";
import type { Env } from "../env.ts";

const NO_ADMIN_KEY =
  "The service has no ADMIN_KEY, so nobody is its operator: start it with --var ADMIN_KEY:…, or put the secret ADMIN_KEY";

/** The caller of a route. `tenant` is there on every route but the operator's and the public ones. */
export type Caller =
  | { readonly kind: "public" }
  | { readonly kind: "operator" }
  | {
      readonly kind: "tenant";
      readonly tenant: string;
      readonly space: string;
      readonly scope: Scope;
      readonly quotas: FullQuotas;
    };

/** The caller, who may use a route of this `access`; or the fault that says what is missing. */
export async function authorise(request: Request, access: Access, env: Env): Promise<Caller> {
  if (access === "public" || access === "signature") return { kind: "public" };
  const caller = await authenticate(request, access, env);
  if (caller.kind === "operator") {
    if (access === "operator" || access === "any") return caller;
    throw new Fault("forbidden", "The admin key opens /v1/tenants only; use a tenant's key here");
  }
  if (access === "operator") throw new Fault("forbidden", "Only the admin key opens /v1/tenants");
  if (access !== "any" && caller.kind === "tenant" && SCOPES.indexOf(caller.scope) < SCOPES.indexOf(access)) {
    throw new Fault("forbidden", `This needs a key of scope "${access}"; yours has "${caller.scope}"`);
  }
  return caller;
}

async function authenticate(request: Request, access: Access, env: Env): Promise<Caller> {
  const header = request.headers.get("Authorization") ?? "";
  const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (!key) throw new Fault("unauthenticated", "Send a key as `Authorization: Bearer …`");
  const hash = await sha256Hex(utf8(key));
  if (env.adminKey !== null && equalInConstantTime(hash, await sha256Hex(utf8(env.adminKey))))
    return { kind: "operator" };
  const tenant = tenantOfKey(key);
  if (!tenant && access === "operator" && env.adminKey === null) throw new Fault("unauthenticated", NO_ADMIN_KEY);
  const principal = tenant && unwrap(await env.tenant(tenant).authenticate(hash));
  if (!principal) throw new Fault("unauthenticated", "The key is not valid: mistyped, revoked or expired");
  return { kind: "tenant", ...principal };
}

/** SECURITY: digests are compared, not keys, and all of them: time tells nothing of where they differ. */
function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
