// A tenant's own keys, and the list of backbones, which any key may read.
import { listBackbones } from "../../backbones/registry.ts";
import type { BackboneView } from "../../contract/backbones.ts";
import type { Page, PageQuery } from "../../contract/common.ts";
import { LIMITS } from "../../core/limits.ts";
import { unwrap } from "../../core/problems.ts";
import { type Handlers, tenantOf } from "../request/call.ts";
import { answer, noContent } from "../response/answer.ts";

export const keys: Handlers<"createKey" | "listKeys" | "revokeKey" | "listBackbones"> = {
  createKey: async (call) => answer(unwrap(await call.env.tenant(tenantOf(call).tenant).createKey(call.body)), 201),
  listKeys: async (call) => answer(unwrap(await call.env.tenant(tenantOf(call).tenant).listKeys(call.query))),

  revokeKey: async (call) => {
    const { tenant } = tenantOf(call);
    unwrap(await call.env.tenant(tenant).revokeKey(call.params.id));
    call.forgetTenant(tenant);
    return noContent();
  },

  listBackbones: async ({ query, env }) => answer(pageOf(await listBackbones(env.backbones), query)),
};

function pageOf(
  backbones: readonly BackboneView[],
  { limit = LIMITS.pageSizeDefault, after = "" }: PageQuery,
): Page<BackboneView> {
  const rest = backbones.filter(({ id }) => id > after);
  const data = rest.slice(0, limit);
  const hasMore = rest.length > data.length;
  return { data, has_more: hasMore, next: hasMore ? (data.at(-1)?.id ?? null) : null };
}
