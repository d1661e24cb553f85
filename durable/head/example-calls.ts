// Calls about a head's examples.
import type { HeadCalls } from "./calls.ts";
import { appendExamples, deleteExample, exportExamples, showExample, updateExample } from "./examples.ts";
import { admitUpload, reportSoon } from "./use.ts";
import { listLabelIssues } from "./versions.ts";

export const exampleCalls: HeadCalls<
  | "missingFeatures"
  | "append"
  | "listExamples"
  | "exportExamples"
  | "getExample"
  | "updateExample"
  | "deleteExample"
  | "listLabelIssues"
> = {
  missingFeatures: ({ store }, digests) => store.features.missing(digests),
  append: async (tools, request) => {
    await admitUpload(tools);
    const { store, now } = tools;
    const result = appendExamples(store, request, now());
    await reportSoon(store, now());
    return result;
  },
  listExamples: ({ store }, filter) => store.examples.list(filter),
  exportExamples: ({ store }, after, withFeatures) => exportExamples(store, after, withFeatures),
  getExample: ({ store }, id) => showExample(store, id),
  updateExample: ({ store, now }, id, patch) => updateExample(store, id, patch, now()),
  deleteExample: ({ store }, id) => {
    deleteExample(store, id);
    return null;
  },
  listLabelIssues: ({ store }, query) => listLabelIssues(store, query),
};
