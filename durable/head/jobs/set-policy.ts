// Replaces the policy of a head.
import type { Policy } from "../../../src/contract/policy.ts";
import { withNewPolicy } from "../../../src/lifecycle/backlog.ts";
import { assertHiddenFits, assertUpdateOptions } from "../../../src/lifecycle/readiness.ts";
import { backlogOf, keepBacklog } from "../backlog.ts";
import { countExamples } from "../examples/count-inputs.ts";
import type { HeadStore } from "../store.ts";
import { DEFAULT_RECIPE } from "./policy.ts";

/** Decides again at once. Throws a fault if a training by this policy would always be refused. */
export async function setPolicy(store: HeadStore, policy: Policy, now: number): Promise<Policy> {
  const { recipe = DEFAULT_RECIPE, options = {} } = policy;
  assertUpdateOptions({ recipe, options });
  const { dims, counts } = countExamples(store);
  assertHiddenFits(options, dims, counts.length);
  store.storage.transactionSync(() => {
    store.meta.set("policy", policy);
    keepBacklog(store, withNewPolicy(backlogOf(store), now), now);
  });
  await store.alarms.arm();
  return policy;
}
