// The messages in a job's log about the rows that it trains on.
import { listed } from "../../../src/lifecycle/readiness.ts";
import type { HeadMeta } from "../store.ts";

/** `note`: a message of the first checkpoint. */
export function notesOf(dataset: HeadMeta["dataset"], note: string | undefined): string[] {
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
  return [`left out because they have too few examples: ${names}`];
}
