// Computes what the changes of a delivery would add, change and delete, or why they would be refused. Writes no row.

import type { DryRunResult } from "../../../src/contract/dry-run.ts";
import type { MappedChanges } from "../../../src/contract/mapping.ts";
import { isProblem } from "../../../src/contract/row-problem.ts";
import { countOf, lateReason, withoutStale } from "../examples/event-order.ts";
import { rowRulesOf } from "../inbox.ts";
import type { HeadStore } from "../store.ts";
import { checkExamples } from "./check-changes.ts";
import { idsToDelete } from "./ids-to-delete.ts";
import { planOf, shownAs } from "./plan-changes.ts";

export const NOTHING: Omit<DryRunResult, "outcome"> = {
  trains: false,
  examples: [],
  deletes: [],
  changes: null,
  reason: null,
};

export async function tryChanges(
  store: HeadStore,
  source: string,
  mapped: MappedChanges,
  examplesQuota: number,
): Promise<DryRunResult> {
  const rows = mapped.examples.map(({ row }) => ({ ...row }));
  const checked = await checkExamples(mapped.examples, await rowRulesOf(store));
  if (isProblem(checked)) return { ...NOTHING, outcome: "rejected", examples: rows, reason: checked };
  const examples = checked.map(({ example }) => example);
  const groups = mapped.examples.map(({ group }) => group ?? null);
  const positions = mapped.examples.map(({ position }) => position ?? null);
  const asked = { ...mapped, examples, groups, positions };
  const current = withoutStale(store, source, asked);
  const late = lateReason(asked, current);
  if (late && countOf(current) === 0) return { ...NOTHING, outcome: "ignored", examples: rows, reason: late };
  const ids = idsToDelete(store, source, current);
  if ("code" in ids) return { ...NOTHING, outcome: "rejected", examples: rows, reason: ids };
  const existing = store.examples.byIds(ids);
  const deletes = ids.filter((id) => existing.has(id));
  const plan = planOf(store, current.examples, deletes, examplesQuota);
  return { ...NOTHING, reason: mapped.reason ?? late, examples: shownAs(store, examples, rows), deletes, ...plan };
}
