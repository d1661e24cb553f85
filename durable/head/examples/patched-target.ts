// The target of an example after a patch, checked by the rules of its head.
import type { ExamplePatch } from "../../../src/contract/examples.ts";
import { isProblem, type RowProblem } from "../../../src/contract/row-problem.ts";
import { hasTarget, type Target, targetOf } from "../../../src/contract/targets.ts";
import { Fault } from "../../../src/core/problems.ts";
import { problemWithLabels } from "../../../src/lifecycle/append.ts";
import { withStoredLabels } from "../../../src/lifecycle/stored-labels.ts";
import type { HeadStore } from "../store.ts";
import { labelRulesOf } from "./label-rules.ts";

/** The target after `patch`; the same object if the patch has no target. Throws a fault if the new target is invalid. */
export function patchedTarget(store: HeadStore, before: Target, patch: ExamplePatch): Target {
  if (!hasTarget(patch)) return before;
  const given = targetOf(store.config.task, patch);
  if (isProblem(given)) throw faultOf(given);
  const rules = labelRulesOf(store);
  const target = withStoredLabels(given, rules.findStored);
  const problem = problemWithLabels(target, rules);
  if (problem) throw faultOf(problem);
  return target;
}

function faultOf({ detail, pointer = "" }: RowProblem): Fault {
  return new Fault("invalid_request", `${pointer} ${detail}`, { errors: [{ pointer, detail }] });
}
