// The calls for a tenant's record and its keys.
import type { CreatedKey, NewKey } from "../../src/contract/keys.ts";
import type { TenantRpc } from "../../src/contract/tenant-rpc.ts";
import { sha256Hex, utf8 } from "../../src/core/bytes.ts";
import { makeId, makeKey } from "../../src/core/ids.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { systemRandom } from "../../src/core/random.ts";
import type { Calls } from "../kit/calls.ts";
import { viewOfTenant } from "./record.ts";
import type { TenantStore } from "./store.ts";

export type TenantCalls<Names extends keyof TenantRpc> = Calls<TenantRpc, Names, TenantStore>;

export const recordCalls: TenantCalls<"describe" | "update" | "beginDeletion"> = {
  describe: (store) => {
    if (store.tenant().deleting) throw new Fault("not_found", "The tenant is being deleted");
    return viewOfTenant(store.tenant());
  },
  update: (store, { name, quotas }) => {
    const before = store.tenant();
    store.meta.set("tenant", { ...before, name: name ?? before.name, quotas: { ...before.quotas, ...quotas } });
    return viewOfTenant(store.tenant());
  },
  beginDeletion: (store) => {
    const tenant = store.tenant();
    store.meta.set("tenant", { ...tenant, deleting: true });
    return null;
  },
};

export const keyCalls: TenantCalls<"createKey" | "listKeys" | "revokeKey"> = {
  createKey: addKey,
  listKeys: ({ keys }, page) => keys.list(page),
  revokeKey: ({ keys }, id) => {
    if (!keys.remove(id)) throw new Fault("not_found", `There is no key "${id}"`);
    return null;
  },
};

async function addKey(store: TenantStore, request: NewKey): Promise<CreatedKey> {
  const { key, hash, row } = await newKeyOf(store.tenant().id, request);
  if (store.keys.count(Date.now()) >= LIMITS.keysPerTenant) {
    throw new Fault(
      "quota_exceeded",
      `The tenant has ${LIMITS.keysPerTenant} keys, which is the most; revoke one first`,
    );
  }
  return { ...store.keys.add(row, hash), key };
}

function futureTime(text: string, now: number): number {
  const time = Date.parse(text);
  if (time > now) return time;
  const errors = [{ pointer: "/expires_at", detail: "must be in the future: an expired key is refused" }];
  throw new Fault("invalid_request", `/expires_at ${errors[0]?.detail}`, { errors });
}

/** Makes a key and its row; does not store it. */
export async function newKeyOf(tenant: string, request: NewKey) {
  const { scopes, name, expires_at: expiresAt, requests_per_minute: requestsPerMinute = null } = request;
  const key = makeKey(tenant, systemRandom);
  const expires = expiresAt === undefined ? null : futureTime(expiresAt, Date.now());
  const row = {
    id: makeId("key", systemRandom),
    name: name ?? null,
    scopes,
    createdAt: Date.now(),
    expiresAt: expires,
    requestsPerMinute,
  };
  return { key, hash: await sha256Hex(utf8(key)), row };
}
