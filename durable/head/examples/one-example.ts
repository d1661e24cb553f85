// Shows, changes and deletes one example.
import type { ExamplePatch, ExampleView } from "../../../src/contract/examples.ts";
import { isProblem, type RowProblem } from "../../../src/contract/row-problem.ts";
import { hasTarget, type Target, targetOf } from "../../../src/contract/targets.ts";
import { Fault } from "../../../src/core/problems.ts";
import { problemWithLabels } from "../../../src/lifecycle/append.ts";
import { withStoredLabels } from "../../../src/lifecycle/stored-labels.ts";
import type { StoredExample } from "../../tables/examples.ts";
import type { HeadStore } from "../store.ts";
import { deleteExamples, labelRulesOf } from "./change-examples.ts";
import { type FileTools, formOf, storedFileOf } from "./stored-inputs.ts";
import { viewOfExample } from "./view-example.ts";
import { writeExamples } from "./write-examples.ts";

export function updateExample(store: HeadStore, id: string, patch: ExamplePatch, now: number): ExampleView {
  const row = exampleOrFault(store, id);
  const target = patchedTarget(store, row.target, patch);
  const state = { digest: row.digest, target, split: patch.split === undefined ? row.split : patch.split };
  store.storage.transactionSync(() => {
    const inputs = new Map([[row.digest, row.input]]);
    writeExamples(store, new Map([[id, state]]), inputs, { source: row.source, now, existing: new Set([id]) });
    if (target !== row.target) store.versions.issues.settleConflict(row.seq);
    store.labels.prune();
  });
  return viewOfExample(store, exampleOrFault(store, id));
}

/** The target after `patch`; the same object if the patch has no target. Throws a fault if the new target is invalid. */
function patchedTarget(store: HeadStore, before: Target, patch: ExamplePatch): Target {
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

export function deleteExample(store: HeadStore, id: string, now: number): void {
  if (deleteExamples(store, [id], now) === 0) throw noSuchExample(id);
}

/** An example with its input: the text, the file, or the vector if callers send their own features. */
export async function showExample(tools: FileTools, id: string): Promise<ExampleView> {
  const { store } = tools;
  const row = exampleOrFault(store, id);
  const vector = formOf(store) === "feature" ? store.features.vectors([row]).get(row.digest) : undefined;
  const file = await storedFileOf(tools, row.digest);
  return { ...viewOfExample(store, row), ...file, features: vector && Array.from(vector) };
}

function exampleOrFault(store: HeadStore, id: string): StoredExample {
  const row = store.examples.get(id);
  if (!row) throw noSuchExample(id);
  return row;
}

const noSuchExample = (id: string): Fault => new Fault("not_found", `There is no example "${id}" in this head`);
