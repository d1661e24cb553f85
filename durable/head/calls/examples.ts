// The calls on stored examples. Each change counts towards the policy's next training.
import { Fault } from "../../../src/core/problems.ts";
import { changeExamples } from "../backlog.ts";
import { exportExamples, listExamples } from "../examples/list-examples.ts";
import { deleteExample, showExample, updateExample } from "../examples/one-example.ts";
import { formOf } from "../examples/stored-inputs.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import type { HeadCalls } from "../tools.ts";
import { listLabelIssues } from "../versions/list-label-issues.ts";
import { assertBorn } from "./uploads.ts";

export const exampleCalls: HeadCalls<
  "listExamples" | "exportExamples" | "getExample" | "updateExample" | "deleteExample" | "listLabelIssues"
> = {
  listExamples: ({ store, turns }, filter) => {
    if (filter.q !== undefined && !keepsInputs(store)) throw notSearched();
    return listExamples(store, filter, turns);
  },
  exportExamples: (tools, after, withFeatures, born) => {
    assertBorn(tools.store, born);
    if (!withFeatures && !exportsInputs(tools.store)) throw notExported(tools.store);
    return exportExamples(tools, after, withFeatures);
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

/** Whether an export without features has the inputs. Files are not in it. */
const exportsInputs = (store: HeadStore): boolean =>
  formOf(store) === "feature" || (formOf(store) === "text" && keepsInputs(store));

function notExported(store: HeadStore): Fault {
  const why = keepsInputs(store)
    ? "An export has no files"
    : "This head does not keep its inputs (keep_inputs is false)";
  return new Fault("conflict", `${why}, so no example could be imported from it: export the features (features=true)`);
}
