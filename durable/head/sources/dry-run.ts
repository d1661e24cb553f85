// The dry run of a delivery: what a payload would change, computed without writing a row.

import type { DryRun, DryRunResult } from "../../../src/contract/dry-run.ts";
import type { DryRunRequest } from "../../../src/contract/source-rpc.ts";
import { readDryRun } from "../../../src/webhooks/dry-run.ts";
import { whatItAsks } from "../../../src/webhooks/map-by-source.ts";
import { mappedHeadOf } from "../inbox.ts";
import type { HeadTools } from "../tools.ts";
import { firstOf } from "./plan-changes.ts";
import { patched } from "./sources.ts";
import { NOTHING, tryChanges } from "./try-changes.ts";

export async function dryRun(
  { store }: HeadTools,
  id: string,
  { body, mapping, headers }: DryRunRequest,
  examplesQuota: number,
): Promise<DryRunResult> {
  const mappedHead = await mappedHeadOf(store);
  const settings = patched(store, id, mapping === undefined ? {} : { mapping }, mappedHead);
  const { payload } = (await readDryRun(body)) as DryRun;
  const mapped = whatItAsks(settings, mappedHead, { payload }, new Headers(headers ?? {}));
  if (mapped.kind === "train") return { ...NOTHING, outcome: "training", trains: true };
  if (mapped.kind !== "changes") return { ...NOTHING, outcome: mapped.kind, reason: mapped.reason };
  const result = await tryChanges(store, id, mapped, examplesQuota);
  const changes = result.outcome === "added" || result.outcome === "updated" || result.outcome === "deleted";
  const trains = settings.action === "add_and_train" && changes;
  return { ...result, trains, examples: firstOf(result.examples) };
}
