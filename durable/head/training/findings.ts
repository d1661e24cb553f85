// Results of a training about its examples, stored in addition to the version: label issues, and the drift reference of its
// rows.
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import type { DriftReference } from "../../../src/lifecycle/drift.ts";
import type { IssueRecord } from "../../tables/label-issues.ts";
import type { HeadStore } from "../store.ts";
import type { DataTools } from "./data-tools.ts";
import { referenceOf } from "./drift-reference.ts";
import { findLabelIssues } from "./find-label-issues.ts";

export interface Findings {
  readonly issues: IssueRecord[];
  readonly reference: DriftReference;
}

export async function findingsOf(store: HeadStore, state: Checkpoint, tools: DataTools): Promise<Findings> {
  const issues = await findLabelIssues(store, state, tools);
  await tools.turns.take();
  return { issues, reference: await referenceOf(state, tools) };
}

export function putFindings({ versions, stats }: HeadStore, version: number, { issues, reference }: Findings): void {
  versions.issues.put(version, issues);
  stats.putReference(version, reference);
}
