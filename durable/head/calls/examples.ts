// The calls on a head's examples. Each change counts towards the policy's next training.
import type { AppendResult, FeaturesMissing } from "../../../src/contract/rpc.ts";
import { Fault } from "../../../src/core/problems.ts";
import { release } from "../../../src/core/release.ts";
import { appendExamples, putFilesOf } from "../examples/change-examples.ts";
import { exportExamples, listExamples } from "../examples/list-examples.ts";
import { deleteExample, showExample, updateExample } from "../examples/one-example.ts";
import { formOf } from "../examples/stored-inputs.ts";
import { warningsNow } from "../examples/warnings.ts";
import { changeExamples } from "../jobs/policy.ts";
import { admitUpload, reportSoon } from "../quota-usage.ts";
import { type HeadStore, keepsInputs } from "../store.ts";
import type { HeadCalls } from "../tools.ts";
import { listLabelIssues } from "../versions/versions.ts";

export const exampleCalls: HeadCalls<
  | "missingFeatures"
  | "append"
  | "noteConflicts"
  | "listExamples"
  | "exportExamples"
  | "getExample"
  | "updateExample"
  | "deleteExample"
  | "listLabelIssues"
> = {
  missingFeatures: ({ store }, digests, born) => {
    assertBorn(store, born);
    return store.features.missing(digests);
  },
  append: async (tools, request) => {
    assertBorn(tools.store, request.born);
    await admitUpload(tools);
    const { store, now } = tools;
    const put = await putFilesOf(tools, request);
    const append = () => appendExamples(store, request, { put, now: now() });
    const result = await changeExamples(store, now(), append, changesIn);
    release(request.features.values);
    await reportSoon(store, now());
    if (!request.withWarnings || "missing" in result) return result;
    return { ...result, warnings: warningsNow(store, now()) };
  },
  noteConflicts: ({ store }, conflicts, born) => {
    assertBorn(store, born);
    store.storage.transactionSync(() => store.versions.issues.putConflicts(conflicts));
    return null;
  },
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

const changesIn = (result: AppendResult | FeaturesMissing): number =>
  "missing" in result ? 0 : result.added + result.updated;

/** Throws if the head was deleted and created again since an upload or an export began. */
function assertBorn({ config }: HeadStore, born: number | undefined): void {
  if (born === undefined || born === config.createdAt) return;
  const detail = `The head "${config.id}" was deleted and created again during this request, and its earlier examples are gone. Send the request again`;
  throw new Fault("conflict", detail);
}
