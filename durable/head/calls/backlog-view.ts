// The view of a head's backlog: what no version has learnt from, and when the policy trains on it.
import type { HeadView } from "../../../src/contract/heads.ts";
import { timestamp } from "../../../src/core/clock.ts";
import { dueTraining } from "../../../src/lifecycle/policy.ts";
import { backlogOf, policyOf } from "../backlog.ts";
import { expectedRefusal } from "../examples/count-inputs.ts";
import type { HeadStore } from "../store.ts";

/** `train_at` is null for a training that would be refused. */
export function viewOfBacklog(store: HeadStore, now: number): HeadView["backlog"] {
  const backlog = backlogOf(store);
  const due = dueTraining(policyOf(store), backlog);
  const { changes, read, refused } = backlog;
  return {
    changes: changes + (read?.changes ?? 0),
    train_at: due && !expectedRefusal(store, now) ? timestamp(due.at) : null,
    refused: refused && { ...refused, at: timestamp(refused.at) },
  };
}
