// The calls on a head's policy.
import { policyOf } from "../backlog.ts";
import { setPolicy } from "../jobs/set-policy.ts";
import type { HeadCalls } from "../tools.ts";

export const policyCalls: HeadCalls<"getPolicy" | "setPolicy"> = {
  getPolicy: ({ store }) => policyOf(store),
  setPolicy: ({ store, now }, policy) => setPolicy(store, policy, now()),
};
