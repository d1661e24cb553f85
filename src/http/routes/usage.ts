// Usage of a tenant.
import { unwrap } from "../../core/problems.ts";
import { answer } from "../answer.ts";
import { type Handlers, tenantOf } from "../call.ts";

export const usage: Handlers<"listUsage"> = {
  listUsage: async (call) => {
    await call.meter?.tellCounts();
    return answer(unwrap(await call.env.tenant(tenantOf(call).tenant).listUsage(call.query)));
  },
};
