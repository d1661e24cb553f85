// Calls of the Workers that answer for a head, and about what they answered.
import { Fault } from "../../src/core/problems.ts";
import { turnLoop } from "../../src/core/turns.ts";
import type { HeadCalls } from "./calls.ts";
import { pruneCaptures, statsOf, takeReport } from "./reports.ts";

export const servingCalls: HeadCalls<"report" | "stats" | "listCaptures" | "getCapture" | "deleteCapture"> = {
  report: ({ store, now, pace }, report) => {
    pace.note(); // Workers predict for this head: what they share a thread with should leave them room
    return takeReport(store, report, now());
  },
  stats: ({ store, now }) => statsOf(store, now(), turnLoop),
  listCaptures: ({ store, now }, page) => {
    pruneCaptures(store, now());
    return store.captures.list(page);
  },
  getCapture: ({ store }, id) => store.captures.get(id) ?? missingCapture(id),
  deleteCapture: ({ store }, id) => (store.captures.remove(id) ? null : missingCapture(id)),
};

function missingCapture(id: string): never {
  throw new Fault("not_found", `There is no capture "${id}": it was labelled, forgotten or is too old`);
}
