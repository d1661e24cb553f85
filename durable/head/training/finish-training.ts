// Ends a finished training: with a new version; or, for a verification, with a verdict on the version that it verified.
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { outcomeOfTraining } from "../../../src/engine/outcome.ts";
import type { HeadStore } from "../store.ts";
import { describe, digestOfVersion } from "../versions/describe-version.ts";
import { freeWeights } from "./checkpoint.ts";
import { type MakeTools, makeVersion } from "./make-version.ts";
import { endVerification } from "./verification-job.ts";

/** Ends the training. Writes nothing if the job was cancelled. */
export async function finishTraining(store: HeadStore, id: string, state: Checkpoint, tools: MakeTools): Promise<void> {
  const { now, turns } = tools;
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
  const candidate = { job, described: { ...described, digest }, revision: dataset.revision };
  await makeVersion(store, candidate, { state, outcome }, tools);
}
