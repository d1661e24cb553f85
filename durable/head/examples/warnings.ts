// Lists what prevents a training. Uses stored counts only, so it is cheap enough for every upload and every view of a head.
import type { Warning } from "../../../src/contract/warnings.ts";
import { Fault } from "../../../src/core/problems.ts";
import { warningsOf } from "../../../src/lifecycle/readiness.ts";
import { assertMayTrain } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import { countExamples } from "./count-inputs.ts";

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
