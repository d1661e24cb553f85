// Starts a job whose inputs all have features: reads its rows, decides what it trains from, and stores the first checkpoint.
import { BackboneAway } from "../../../src/backbones/away.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import { listed } from "../../../src/lifecycle/readiness.ts";
import { beginReading } from "../backlog.ts";
import { revisionOf } from "../examples/revision.ts";
import { assertReembeds } from "../files/kept-inputs.ts";
import type { HeadMeta, HeadStore } from "../store.ts";
import { endVerification, isOutdated } from "./finish-verification.ts";
import { firstCheckpoint } from "./first-checkpoint.ts";
import { save, type TrainingTools } from "./job-progress.ts";
import { gather } from "./snapshot-rows.ts";
import { waitWhileAway } from "./wait-for-features.ts";

/** null: the job waits for features, or is a verification that has ended without a training. */
export async function begin(store: HeadStore, job: Job, tools: TrainingTools): Promise<Checkpoint | null> {
  // Both before the rows are read: a deletion that comes later must count, and a later change belongs to the next job.
  const deletions = store.meta.get("deletions")?.count ?? 0;
  beginReading(store, job);
  const { verify } = job.request;
  const rows = {
    rare: job.request.rareLabels ?? "refuse",
    revision: verify === undefined ? null : revisionOf(store, verify), // a verification uses the version's own features
  };
  if (rows.revision !== null) assertReembeds(store);
  const gathered = await gather(store, rows, tools.turns).catch(async (error: unknown) => {
    tools.turns.check();
    if (!(error instanceof BackboneAway)) throw error; // features of another revision could not be computed
    await waitWhileAway(store, job, error, tools);
    return null;
  });
  if (!gathered) return null;
  tools.turns.check();
  if (isOutdated(store, job, gathered)) return endOutdated(store, job, tools);
  const { checkpoint, base, note } = firstCheckpoint(store, job, { ...gathered, deletions });
  await save(store, job.id, checkpoint, tools, () => {
    store.meta.set("dataset", { ...gathered, deletions, base });
    store.meta.remove("away");
    for (const text of notesOf(gathered, note)) {
      store.events.add(job.id, "message", { text }, tools.now());
    }
  });
  return checkpoint;
}

function notesOf(dataset: HeadMeta["dataset"], note: string | undefined): string[] {
  const notes = [startNote(dataset), ...leftOutNote(dataset)];
  if (dataset.duplicates) notes.push(duplicatesNote(dataset.duplicates));
  return note ? [...notes, note] : notes;
}

const duplicatesNote = (rows: number): string =>
  `${rows} examples are kept out of training: their features equal those of examples kept for validation or test`;

const startNote = ({ examples, labels }: HeadMeta["dataset"]): string =>
  `training on ${examples} examples${labels.length > 0 ? ` of ${labels.length} labels` : ""}`;

function leftOutNote({ leftOut = [] }: HeadMeta["dataset"]): string[] {
  if (leftOut.length === 0) return [];
  const names = listed(leftOut.map(({ label, examples }) => ({ label, inputs: examples })));
  return [`left out, for they have too few examples: ${names}`];
}

/** Ends a verification without training: the version was trained on other examples than the head has now. */
function endOutdated(store: HeadStore, { id }: Job, { now, notify }: TrainingTools): null {
  endVerification(store, id, null, now());
  notify();
  return null;
}
