// What stands in the way of a training, from counts that are kept anyway: cheap enough for every upload and every list of heads.
import type { Warning } from "../../src/contract/warnings.ts";
import { Fault } from "../../src/core/problems.ts";
import { warningsOf } from "../../src/lifecycle/readiness.ts";
import { countExamples } from "./count-inputs.ts";
import type { HeadStore } from "./store.ts";
import { assertMayTrain } from "./use.ts";

export const warningsNow = (store: HeadStore, now: number): Warning[] => [
  ...warningsOf(countExamples(store)),
  ...quotaWarnings(store, now),
];

function quotaWarnings(store: HeadStore, now: number): Warning[] {
  try {
    assertMayTrain(store, now);
    return [];
  } catch (error) {
    if (error instanceof Fault) return [{ code: "quota_exceeded", detail: error.data.detail }];
    throw error;
  }
}
