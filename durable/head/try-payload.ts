// What a payload, and the example made of it, would come to: asked without writing a row.
import type { NewExample } from "../../src/contract/rpc.ts";
import type { ExamplePreview, TriedPayload } from "../../src/contract/source-rpc.ts";
import type { DryRun } from "../../src/contract/sources.ts";
import { planAppend } from "../../src/lifecycle/append.ts";
import { whatItAsks } from "../../src/webhooks/inbound.ts";
import { labelRulesOf } from "./examples.ts";
import { shapeOf } from "./inbox.ts";
import { patched } from "./sources.ts";
import type { HeadStore } from "./store.ts";

export function tryPayload(store: HeadStore, id: string, { payload, mapping }: DryRun): TriedPayload {
  const settings = patched(store, id, mapping === undefined ? {} : { mapping });
  const { task, backbone } = store.config;
  const mapped = whatItAsks(settings, shapeOf(store), { payload });
  const there = mapped.kind === "delete" ? mapped.ids.filter((example) => store.examples.get(example)) : [];
  return { mapped, there, head: { task, backbone }, action: settings.action };
}

export function previewExample(store: HeadStore, example: NewExample, examplesQuota: number): ExamplePreview {
  const rules = { ...labelRulesOf(store), examplesNow: store.examples.count(), examplesQuota };
  const plan = planAppend([example], store.examples.byIds([example.id]), rules);
  const [reason] = plan.rejected;
  if (reason) return { outcome: "rejected", reason };
  return { outcome: plan.added > 0 ? "added" : plan.updated > 0 ? "updated" : "unchanged", reason: null };
}
