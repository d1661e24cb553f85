// Computes what checked examples and deletions of a delivery would change, without writing a row.

import type { DryRunResult } from "../../../src/contract/dry-run.ts";
import type { NewExample } from "../../../src/contract/example-rpc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { planAppend } from "../../../src/lifecycle/append.ts";
import { withStoredLabels } from "../../../src/lifecycle/stored-labels.ts";
import { labelRulesOf } from "../examples/label-rules.ts";
import type { HeadStore } from "../store.ts";
import { deliveryOutcome } from "./arrival.ts";
import { atIndex, unitsOf } from "./check-changes.ts";

export function planOf(
  store: HeadStore,
  examples: readonly NewExample[],
  deletes: readonly string[],
  examplesQuota: number,
): Pick<DryRunResult, "outcome" | "changes"> & Partial<DryRunResult> {
  const rules = { ...labelRulesOf(store), examplesNow: store.examples.count(), examplesQuota };
  const existing = store.examples.byIds(examples.map(({ id }) => id));
  const { added, updated, unchanged, rejected } = planAppend(examples, existing, rules);
  const [problem] = rejected;
  if (problem) {
    const { code, detail } = atIndex(problem, examples.length);
    return { outcome: "rejected", changes: null, reason: { code, detail } };
  }
  const changes = { added, updated, unchanged, deleted: deletes.length };
  return { outcome: deliveryOutcome(changes), changes };
}

/** Examples as they would be stored, with their ids and the stored spelling of their labels. */
export function shownAs(
  store: HeadStore,
  examples: readonly NewExample[],
  rows: readonly object[],
): Record<string, unknown>[] {
  const { findStored } = labelRulesOf(store);
  return examples.map(({ id, target }, i) => ({ id, ...rows[i], ...withStoredLabels(target, findStored) }));
}

/** The first examples, as many as an answer shows, and one at least. Many may share one long text. */
export function firstOf(examples: DryRunResult["examples"]): DryRunResult["examples"] {
  let chars = 0;
  const end = examples.findIndex((row) => {
    chars += unitsOf(row);
    return chars > LIMITS.dryRunExampleChars;
  });
  return end < 0 ? examples : examples.slice(0, Math.max(1, end));
}
