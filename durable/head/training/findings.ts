// Results of a training about its examples, stored in addition to the version: label issues, and the drift reference of its
// rows.
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import type { TrainingData } from "../../../src/engine/data/training-data.ts";
import type { DriftReference } from "../../../src/lifecycle/drift.ts";
import type { IssueRecord } from "../../tables/label-issues.ts";
import type { HeadStore } from "../store.ts";
import { referenceOf } from "./drift-reference.ts";
import { findLabelIssues } from "./find-label-issues.ts";

interface Findings {
  readonly issues: IssueRecord[];
  readonly reference: DriftReference;
}

/** The rows of a training, and the function that yields to other requests. */
export interface FindTools {
  readonly data: TrainingData;
  readonly turn: () => Promise<void>;
}

export async function findingsOf(store: HeadStore, state: Checkpoint, tools: FindTools): Promise<Findings> {
  const issues = await findLabelIssues(store, state, tools);
  await tools.turn();
  return { issues, reference: await referenceOf(state, tools) };
}

export function putFindings({ versions, stats }: HeadStore, version: number, { issues, reference }: Findings): void {
  versions.issues.put(version, issues);
  stats.putReference(version, reference);
}
