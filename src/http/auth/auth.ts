// Authenticates callers and checks their access. A key that cannot be valid (absent, truncated, mistyped) costs no lookup.
import { type Access, SCOPES, type Scope } from "../../contract/common.ts";
import type { Principal } from "../../contract/tenant-rpc.ts";
import { BoundedCache } from "../../core/bounded-cache.ts";
import { sha256Hex, utf8 } from "../../core/bytes.ts";
import { type TenantId, tenantOfKey } from "../../core/ids.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault } from "../../core/problems.ts";
import type { Env } from "../../env.ts";

const NO_ADMIN_KEY =
  "The service has no ADMIN_KEY, so it has no operator: start it with --var ADMIN_KEY:…, or set the secret ADMIN_KEY";

/** The caller of a route. It is a tenant on every route except operator and public ones. */
export type Caller = { readonly kind: "public" } | { readonly kind: "operator" } | TenantCaller;
export type TenantCaller = { readonly kind: "tenant" } & Principal;

/** Looks up a tenant's key by its SHA-256. */
export type FindKey = (hash: string, tenant: string) => TenantCaller | null | Promise<TenantCaller | null>;

/** The caller of a route with this `access`. Throws a fault if the key is not valid. */
export async function authenticate(request: Request, access: Access, env: Env, find: FindKey): Promise<Caller> {
  if (access === "public" || access === "signature") return { kind: "public" };
  const header = request.headers.get("Authorization") ?? "";
  const { hash, tenant } = presented.peek(header) ?? (await readKey(header));
  const adminHash = env.adminKey === null ? null : (adminHashes.get(env) ?? (await hashAdminKey(env, env.adminKey)));
  if (adminHash !== null && equalInConstantTime(hash, adminHash)) return { kind: "operator" };
  if (!tenant && access === "operator" && env.adminKey === null) throw new Fault("unauthenticated", NO_ADMIN_KEY);
  const found = tenant && find(hash, tenant);
  const caller = found instanceof Promise ? await found : found;
  if (!caller) throw new Fault("unauthenticated", "The key is not valid: mistyped, revoked or expired");
  return caller;
}

interface PresentedKey {
  readonly hash: string;
  /** The tenant in the key; null if the key cannot belong to a tenant. */
  readonly tenant: TenantId | null;
}

/** Cached by header, which the request contains in the clear anyway: hashing a key takes longer than looking it up. */
const presented = new BoundedCache<string, PresentedKey>(() => LIMITS.keyHashBytes);

async function readKey(header: string): Promise<PresentedKey> {
  const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (!key) throw new Fault("unauthenticated", "Send a key as `Authorization: Bearer …`");
  const value = { hash: await sha256Hex(utf8(key)), tenant: tenantOfKey(key) };
  return presented.get(header, () => ({ value, bytes: 2 * (header.length + value.hash.length) }));
}

/** Throws a fault that names the missing access if the caller may not use a route with this `access`. */
export function assertMay(caller: Caller, access: Access): void {
  if (caller.kind === "public") return;
  if (caller.kind === "operator") {
    if (access === "operator" || access === "any") return;
    throw new Fault("forbidden", "The admin key is only valid for /v1/tenants; use a tenant's key here");
  }
  if (access === "operator") throw new Fault("forbidden", "Only the admin key is valid for /v1/tenants");
  if (access !== "any" && SCOPES.indexOf(caller.scope) < SCOPES.indexOf(access as Scope)) {
    throw new Fault("forbidden", `This needs a key with scope "${access}"; this key has "${caller.scope}"`);
  }
}

const adminHashes = new WeakMap<Env, string>();

async function hashAdminKey(env: Env, adminKey: string): Promise<string> {
  const hash = await sha256Hex(utf8(adminKey));
  adminHashes.set(env, hash);
  return hash;
}

/** SECURITY: compares digests, not keys, and always in full, so that the time reveals nothing about where they differ. */
function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
