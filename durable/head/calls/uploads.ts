// The calls of an upload. What it stores counts towards the policy's next training.
import type { AppendResult, FeaturesMissing } from "../../../src/contract/example-rpc.ts";
import { Fault } from "../../../src/core/problems.ts";
import { release } from "../../../src/core/release.ts";
import { changeExamples } from "../backlog.ts";
import { appendExamples } from "../examples/change-examples.ts";
import { putFilesOf } from "../examples/example-files.ts";
import { warningsNow } from "../examples/warnings.ts";
import { admitUpload, reportSoon } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import type { HeadCalls } from "../tools.ts";

export const uploadCalls: HeadCalls<"missingFeatures" | "append" | "noteConflicts"> = {
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
};

const changesIn = (result: AppendResult | FeaturesMissing): number =>
  "missing" in result ? 0 : result.added + result.updated;

/** Throws if the head was deleted and created again since an upload or an export began. */
export function assertBorn({ config }: HeadStore, born: number | undefined): void {
  if (born === undefined || born === config.createdAt) return;
  const detail = `The head "${config.id}" was deleted and created again during this request, and its earlier examples are gone. Send the request again`;
  throw new Fault("conflict", detail);
}
