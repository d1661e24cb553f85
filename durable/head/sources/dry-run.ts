// The dry run of a delivery: what a payload would change, computed without writing a row.
import type { MappedChanges } from "../../../src/contract/mapping.ts";
import { isProblem } from "../../../src/contract/row-problem.ts";
import type { DryRunRequest } from "../../../src/contract/source-rpc.ts";
import type { DryRun, DryRunResult } from "../../../src/contract/sources.ts";
import { readDryRun } from "../../../src/webhooks/dry-run.ts";
import { whatItAsks } from "../../../src/webhooks/map-by-source.ts";
import { countOf, lateReason, withoutStale } from "../examples/event-order.ts";
import { mappedHeadOf, rowRulesOf } from "../inbox.ts";
import type { HeadTools } from "../tools.ts";
import { idsToDelete } from "./apply-changes.ts";
import { checkExamples } from "./check-changes.ts";
import { firstOf, planOf, shownAs } from "./plan-changes.ts";
import { patched } from "./sources.ts";

const NOTHING: Omit<DryRunResult, "outcome"> = {
  trains: false,
  examples: [],
  deletes: [],
  changes: null,
  reason: null,
};

export async function dryRun(
  tools: HeadTools,
  id: string,
  { body, mapping, headers }: DryRunRequest,
  examplesQuota: number,
): Promise<DryRunResult> {
  const { store } = tools;
  const mappedHead = await mappedHeadOf(store);
  const settings = patched(store, id, mapping === undefined ? {} : { mapping }, mappedHead);
  const { payload } = (await readDryRun(body)) as DryRun;
  const mapped = whatItAsks(settings, mappedHead, { payload }, new Headers(headers ?? {}));
  if (mapped.kind === "train") return { ...NOTHING, outcome: "training", trains: true };
  if (mapped.kind !== "changes") return { ...NOTHING, outcome: mapped.kind, reason: mapped.reason };
  const result = await tryChanges(tools, id, mapped, examplesQuota);
  const changes = result.outcome === "added" || result.outcome === "updated" || result.outcome === "deleted";
  const trains = settings.action === "add_and_train" && changes;
  return { ...result, trains, examples: firstOf(result.examples) };
}

async function tryChanges(
  tools: HeadTools,
  source: string,
  mapped: MappedChanges,
  examplesQuota: number,
): Promise<DryRunResult> {
  const { store } = tools;
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
