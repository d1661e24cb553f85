// Requests a training for a delivery. Returns the job, or the reason why no job starts now.
import type { DeliveryReason } from "../../../src/contract/mapping.ts";
import { backlogOf } from "../backlog.ts";
import { expectedRefusal } from "../examples/count-inputs.ts";
import { askForTraining } from "../jobs/policy.ts";
import type { HeadStore } from "../store.ts";
import type { Effect } from "./arrival.ts";

/** `isDue`: whether a later training will read what the delivery changed. */
type TrainingRequest = { readonly isDue: boolean } & (
  | { readonly job: string; readonly reason: null }
  | { readonly job: null; readonly reason: DeliveryReason }
);

const LATER: DeliveryReason = {
  code: "later",
  detail: "A training begins once the current one has ended and no more events arrive for a while",
};

/** Checks that the training will not be refused before it answers "later". Call it in the delivery's transaction. */
function askByDelivery(store: HeadStore, now: number): TrainingRequest {
  const job = askForTraining(store, "webhook", now);
  if (job) return { job: job.id, reason: null, isDue: true };
  const { refused } = backlogOf(store);
  const refusal = refused?.at === now ? refused : expectedRefusal(store, now);
  if (!refusal) return { job: null, reason: LATER, isDue: true };
  return { job: null, reason: { code: refusal.code, detail: refusal.detail }, isDue: false };
}

/** The effect with the job that trains for it; or with the reason why no job starts now. */
export function withTraining(store: HeadStore, done: Effect, now: number): Effect & { readonly job: string | null } {
  const { job, reason, isDue } = askByDelivery(store, now);
  if (job !== null) return { ...done, job };
  const outcome = done.outcome === "training" && !isDue ? "ignored" : done.outcome;
  return { ...done, job, reason, outcome };
}
