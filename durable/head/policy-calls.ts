// The calls on a head's policy.
import { policyOf } from "./backlog.ts";
import type { HeadCalls } from "./calls.ts";
import { setPolicy } from "./policy.ts";

export const policyCalls: HeadCalls<"getPolicy" | "setPolicy"> = {
  getPolicy: ({ store }) => policyOf(store),
  setPolicy: ({ store, now }, policy) => setPolicy(store, policy, now()),
};
