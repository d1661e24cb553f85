// Turns a finished training into a version with its promotion verdict, in one transaction. A verification ends with a verdict
// on the version that it verified instead.
import { isTerminal } from "../../../src/contract/jobs.ts";
import { type Clock, timestamp } from "../../../src/core/clock.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { outcomeOfTraining } from "../../../src/engine/outcome.ts";
import { succeed } from "../../../src/lifecycle/job.ts";
import type { HeadStore } from "../store.ts";
import { addVersion, insertVersion } from "../versions/add-version.ts";
import { describe, digestOfVersion } from "../versions/describe-version.ts";
import { announce, promotionOf } from "./announce-version.ts";
import { endTraining, freeWeights } from "./checkpoint.ts";
import { judgeCandidate, liveVersion, roundHeads, verdictNow } from "./compare-with-live.ts";
import { type DataTools, findingsOf, putFindings } from "./findings.ts";
import { endVerification } from "./finish-verification.ts";

interface FinishTools extends DataTools {
  readonly now: Clock;
}

/** Writes the version, ends the job and promotes the version, all or nothing. Writes nothing if the job was cancelled. */
export async function finishTraining(
  store: HeadStore,
  id: string,
  state: Checkpoint,
  { now, turns, data }: FinishTools,
): Promise<void> {
  const job = store.jobs.get(id);
  const dataset = store.meta.get("dataset");
  if (!job || !dataset) return;
  const outcome = outcomeOfTraining(state);
  freeWeights(state); // the outcome has a copy of them, in another layout
  await turns.take();
  const described = await describe(store, job, dataset, outcome, state.plan.seed, turns);
  await turns.take();
  const digest = await digestOfVersion(described, outcome, turns);
  if (job.request.verify !== undefined) return endVerification(store, id, digest, now());
  await turns.take();
  const compared = liveVersion(store);
  const judged = await judgeCandidate(store, job, state, outcome, { data, turns });
  await turns.take();
  const found = await findingsOf(store, state, { data, turns });
  data.dispose(); // no later step reads rows: free their memory before anyone hears of the version
  await turns.take();
  const rounds = await roundHeads(store, state, outcome, turns);
  const record = { ...described, digest, job: id, created_at: timestamp(now()), promotion: promotionOf(judged) };
  await addVersion(store, { record, final: outcome.final, rounds }, turns, (version) => {
    const open = store.jobs.get(id);
    if (!open || isTerminal(open.status)) return;
    const verdict = verdictNow(store, job, { judged, compared });
    if (verdict !== judged) store.versions.putRecord(version, { ...record, promotion: promotionOf(verdict) });
    const added = { record, goesLive: verdict.promote, revision: dataset.revision };
    insertVersion(store, version, added, now());
    putFindings(store, version, found);
    store.jobs.put(succeed(open, version, now()));
    const leavesOut = described.left_out !== undefined;
    announce(store, { job: id, version, metrics: outcome.metrics, verdict, leavesOut }, now());
    endTraining(store, open, "version", now());
  });
}
