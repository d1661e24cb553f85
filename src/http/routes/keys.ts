// A tenant's own keys, and the list of backbones, which any key may read.
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import { unwrap } from "../../core/problems.ts";
import { answer, noContent } from "../answer.ts";
import { type Handlers, tenantOf } from "../call.ts";

export const keys: Handlers<"createKey" | "listKeys" | "revokeKey" | "listBackbones"> = {
  createKey: async (call) => answer(unwrap(await call.env.tenant(tenantOf(call).tenant).createKey(call.body)), 201),
  listKeys: async (call) => answer(unwrap(await call.env.tenant(tenantOf(call).tenant).listKeys(call.query))),

  revokeKey: async (call) => {
    const { tenant } = tenantOf(call);
    unwrap(await call.env.tenant(tenant).revokeKey(call.params.id));
    call.forgetTenant(tenant);
    return noContent();
  },

  listBackbones: () => {
    const data = Object.values(BACKBONE_BY_ID).map(({ id, modality, dimension, revision, description }) => ({
      id,
      modality,
      dimension,
      revision,
      description,
    }));
    return answer({ data, has_more: false, next: null });
  },
};
