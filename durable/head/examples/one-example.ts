// Shows, changes and deletes one example.
import type { ExamplePatch, ExampleView } from "../../../src/contract/examples.ts";
import { Fault } from "../../../src/core/problems.ts";
import type { StoredExample } from "../../tables/example-rows.ts";
import type { HeadStore } from "../store.ts";
import { deleteExamples, writeExamples } from "./change-examples.ts";
import { patchedTarget } from "./patched-target.ts";
import { type FileTools, formOf, storedFileOf } from "./stored-inputs.ts";
import { viewOfExample } from "./view-example.ts";

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
