// What a payload, and the example made of it, would come to: asked without writing a row.
import { checkExample } from "../../src/backbones/example-row.ts";
import { isProblem } from "../../src/contract/inputs.ts";
import type { Mapped, MappedRow } from "../../src/contract/mapping.ts";
import type { NewExample } from "../../src/contract/rpc.ts";
import type { DryRun, DryRunResult } from "../../src/contract/sources.ts";
import { planAppend } from "../../src/lifecycle/append.ts";
import { withStoredLabels } from "../../src/lifecycle/stored-labels.ts";
import { whatItAsks } from "../../src/webhooks/inbound.ts";
import { labelRulesOf } from "./examples.ts";
import { rowRulesOf, shapeOf } from "./inbox.ts";
import { patched } from "./sources.ts";
import type { HeadStore } from "./store.ts";

const NOTHING: Omit<DryRunResult, "outcome"> = { trains: false, examples: [], deletes: [], reason: null };

export async function tryPayload(
  store: HeadStore,
  id: string,
  { payload, mapping }: DryRun,
  examplesQuota: number,
): Promise<DryRunResult> {
  const settings = patched(store, id, mapping === undefined ? {} : { mapping });
  const mapped = whatItAsks(settings, shapeOf(store), { payload });
  const result =
    mapped.kind === "example" ? await tryExample(store, mapped.row, examplesQuota) : tryRest(store, mapped);
  const changes = result.outcome === "added" || result.outcome === "updated" || result.outcome === "deleted";
  return { ...result, trains: result.trains || (settings.action === "add_and_train" && changes) };
}

function tryRest(store: HeadStore, mapped: Exclude<Mapped, { kind: "example" }>): DryRunResult {
  if (mapped.kind === "train") return { ...NOTHING, outcome: "training", trains: true };
  if (mapped.kind !== "delete") return { ...NOTHING, outcome: mapped.kind, reason: mapped.reason };
  const deletes = mapped.ids.filter((id) => store.examples.get(id));
  return { ...NOTHING, outcome: deletes.length > 0 ? "deleted" : "unchanged", deletes };
}

async function tryExample(store: HeadStore, row: MappedRow, examplesQuota: number): Promise<DryRunResult> {
  const checked = await checkExample(row, 0, rowRulesOf(store));
  if (isProblem(checked)) return { ...NOTHING, outcome: "rejected", examples: [{ ...row }], reason: checked };
  const { example } = checked;
  const target = withStoredLabels(example.target, labelRulesOf(store).findStored);
  return { ...NOTHING, ...planOf(store, example, examplesQuota), examples: [{ id: example.id, ...row, ...target }] };
}

function planOf(
  store: HeadStore,
  example: NewExample,
  examplesQuota: number,
): Pick<DryRunResult, "outcome" | "reason"> {
  const rules = { ...labelRulesOf(store), examplesNow: store.examples.count(), examplesQuota };
  const plan = planAppend([example], store.examples.byIds([example.id]), rules);
  const [problem] = plan.rejected;
  if (problem) return { outcome: "rejected", reason: { code: problem.code, detail: problem.detail } };
  return { outcome: plan.added > 0 ? "added" : plan.updated > 0 ? "updated" : "unchanged", reason: null };
}
