// Makes a version of a finished training: compares it with the live one, and stores it with its promotion verdict.
import { type Clock, timestamp } from "../../../src/core/clock.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import type { TrainingOutcome } from "../../../src/engine/outcome.ts";
import type { HeadStore } from "../store.ts";
import { addVersion } from "../versions/add-version.ts";
import { promotionOf } from "./announce-version.ts";
import { type Candidate, commitVersion } from "./commit-version.ts";
import { judgeCandidate, liveVersion } from "./compare-with-live.ts";
import type { DataTools } from "./data-tools.ts";
import { findingsOf } from "./findings.ts";
import { roundHeads } from "./unseen-rows.ts";

export interface MakeTools extends DataTools {
  readonly now: Clock;
}

interface Trained {
  readonly state: Checkpoint;
  readonly outcome: TrainingOutcome;
}

/** Writes the version, ends the job and promotes the version, all or nothing. Writes nothing if the job was cancelled. */
export async function makeVersion(
  store: HeadStore,
  candidate: Candidate,
  { state, outcome }: Trained,
  { now, turns, data }: MakeTools,
): Promise<void> {
  const { job, described } = candidate;
  const compared = liveVersion(store);
  const judged = await judgeCandidate(store, job, state, outcome, { data, turns });
  await turns.take();
  const findings = await findingsOf(store, state, { data, turns });
  data.dispose(); // no later step reads rows, so their memory is free before the version is announced
  await turns.take();
  const rounds = await roundHeads(store, state, outcome, turns);
  const record = { ...described, job: job.id, created_at: timestamp(now()), promotion: promotionOf(judged) };
  await addVersion(store, { record, final: outcome.final, rounds }, turns, (version) =>
    commitVersion(store, version, { ...candidate, record, findings, judged, compared }, now()),
  );
}
