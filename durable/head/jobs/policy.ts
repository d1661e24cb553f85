// Automatic trainings of a head: queues jobs for the policy and for webhooks, and decides when the policy alarm fires.
import { makeId } from "../../../src/core/ids.ts";
import { Fault } from "../../../src/core/problems.ts";
import { systemRandom } from "../../../src/core/random.ts";
import { type Backlog, withAsk, withDrift } from "../../../src/lifecycle/backlog.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import { type Asker, decideTraining, isFirstAsk } from "../../../src/lifecycle/policy.ts";
import { backlogOf, keepBacklog, policyOf, refuseTraining } from "../backlog.ts";
import type { HeadStore } from "../store.ts";
import { addJob } from "./start-job.ts";

export const DEFAULT_RECIPE = "auto";

/** Informs the policy that the inputs or scores of the head have drifted from those of its training. */
export async function driftDetected(store: HeadStore, now: number): Promise<void> {
  keepBacklog(store, withDrift(backlogOf(store), now), now);
  await store.alarms.arm();
}

/**
 * Queues a job for the policy or a webhook; or returns the open job if it has not yet read the examples. null: the request
 * waits until the open job has ended and the debounce is over; or the training was refused, which the backlog stores. Call it
 * in a transaction, and arm the alarms after it.
 */
export function askForTraining(store: HeadStore, kind: Asker, now: number): Job | null {
  const backlog = backlogOf(store);
  const open = store.jobs.open();
  if (open && willRead(open, backlog)) return open;
  const isNow = kind === "policy" || isFirstAsk(policyOf(store), backlog, now);
  const asked = kind === "webhook" ? withAsk(backlog, now) : backlog;
  keepBacklog(store, asked, now);
  return open || !isNow ? null : addJobFor(store, kind, asked, now);
}

/** Whether an open job has not read the examples yet. */
const willRead = ({ id, request }: Job, { read }: Backlog): boolean => request.verify === undefined && read?.job !== id;

function addJobFor(store: HeadStore, kind: Asker, backlog: Backlog, now: number): Job | null {
  const { recipe = DEFAULT_RECIPE, options = {} } = policyOf(store);
  try {
    const request = { id: makeId("job", systemRandom), recipe, options, seed: 0, rareLabels: "leave_out" } as const;
    return addJob(store, request, kind, now);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    refuseTraining(store, backlog, error.data, now);
    return null;
  }
}

/** Runs in the policy alarm: queues a job or sets the next alarm. An early, late or repeated alarm has the same result. */
export async function decideNow(store: HeadStore, now: number): Promise<void> {
  store.storage.transactionSync(() => {
    store.alarms.clear("policy");
    const question = { backlog: backlogOf(store), isJobOpen: store.jobs.open() !== null };
    const decision = decideTraining(policyOf(store), question, now);
    if (decision.kind === "train") addJobFor(store, decision.because, question.backlog, now);
    if (decision.kind === "wake") store.alarms.note("policy", decision.at);
  });
  await store.alarms.arm();
}
