// The calls on stored examples. Each change counts towards the policy's next training.
import { Fault } from "../../../src/core/problems.ts";
import { changeExamples } from "../backlog.ts";
import { exportExamples } from "../examples/export-examples.ts";
import { exportFiles } from "../examples/export-files.ts";
import { deleteExample, showExample, updateExample } from "../examples/one-example.ts";
import { formOf } from "../examples/stored-inputs.ts";
import { viewOfExample } from "../examples/view-example.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import type { HeadCalls } from "../tools.ts";
import { listLabelIssues } from "../versions/list-label-issues.ts";
import { assertBorn } from "./uploads.ts";

export const exampleCalls: HeadCalls<
  | "listExamples"
  | "exportExamples"
  | "exportFiles"
  | "getExample"
  | "updateExample"
  | "deleteExample"
  | "listLabelIssues"
> = {
  listExamples: ({ store, turns }, filter) => {
    if (filter.q !== undefined && !keepsInputs(store)) throw notSearched();
    return store.examples.list(filter, turns, (row) => viewOfExample(store, row));
  },
  exportExamples: (tools, after, withFeatures, born) => {
    assertBorn(tools.store, born);
    if (!withFeatures && !exportsInputs(tools.store)) throw notExported();
    return exportExamples(tools, after, withFeatures);
  },
  exportFiles: (tools, digests, offset, born) => {
    assertBorn(tools.store, born);
    if (!exportsInputs(tools.store)) throw notExported();
    return exportFiles(tools, digests, offset);
  },
  getExample: (tools, id) => showExample(tools, id),
  updateExample: ({ store, now }, id, patch) =>
    changeExamples(store, now(), () => updateExample(store, id, patch, now())),
  deleteExample: async ({ store, now }, id) => {
    await changeExamples(store, now(), () => deleteExample(store, id, now()));
    return null;
  },
  listLabelIssues: ({ store }, query) => listLabelIssues(store, query),
};

const notSearched = (): Fault =>
  new Fault("conflict", "This head does not keep its inputs (keep_inputs is false), so there is no text to search in");

/** Whether an export without features has the inputs. */
const exportsInputs = (store: HeadStore): boolean => formOf(store) === "feature" || keepsInputs(store);

const notExported = (): Fault =>
  new Fault(
    "conflict",
    "This head does not keep its inputs (keep_inputs is false), so no example could be imported from it: export the features (features=true)",
  );
