// Calls for reports of Workers, and for the statistics, captures and logged predictions that these reports fill.
import { Fault } from "../../../src/core/problems.ts";
import { findPrediction, takePredictions } from "../serving/prediction-log.ts";
import { takeReport } from "../serving/reports.ts";
import { statsOf } from "../serving/stats.ts";
import { pruneCapturesInTurns } from "../serving/stored-captures.ts";
import type { HeadCalls } from "../tools.ts";

export const servingCalls: HeadCalls<
  "report" | "stats" | "listCaptures" | "getCapture" | "deleteCapture" | "getPrediction"
> = {
  report: async (tools, report) => {
    const { store, now, pace } = tools;
    pace.note(); // a Worker predicts for this head: a training in the same isolate must yield more often
    const { born = store.config.createdAt } = report;
    if (born !== store.config.createdAt) return null; // an earlier head with this id answered these predictions
    if (report.logged.length > 0) await takePredictions(store, report.logged, now());
    return takeReport(tools, report, now());
  },
  getPrediction: ({ store, now }, id) => findPrediction(store, id, now()),
  stats: ({ store, now, turns }) => statsOf(store, now(), turns),
  listCaptures: async ({ store, now, turns }, page) => {
    await pruneCapturesInTurns(store, now(), turns);
    await store.alarms.arm(); // for files that no capture needs any more
    return store.captures.list(page);
  },
  getCapture: ({ store }, id) => store.captures.get(id) ?? missingCapture(id),
  deleteCapture: async ({ store }, id) => {
    if (!store.captures.remove(id)) return missingCapture(id);
    await store.alarms.arm(); // for its file
    return null;
  },
};

function missingCapture(id: string): never {
  throw new Fault("not_found", `There is no capture "${id}": it was labelled, forgotten or is too old`);
}
