// Usage of a tenant.
import { unwrap } from "../../core/problems.ts";
import { type Handlers, tenantOf } from "../request/call.ts";
import { answer } from "../response/answer.ts";

export const usage: Handlers<"listUsage"> = {
  listUsage: async (call) => {
    await call.meter?.tellCounts();
    return answer(unwrap(await call.env.tenant(tenantOf(call).tenant).listUsage(call.query)));
  },
};
