// Finds the labels that are probably wrong when a training ends, from its snapshot and its scores.
import { LIMITS } from "../../../src/core/limits.ts";
import type { Turns } from "../../../src/core/turns.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { type LabelIssue, labelIssues } from "../../../src/engine/findings/label-issues.ts";
import { nearDuplicates } from "../../../src/engine/findings/near-duplicates.ts";
import { TASK_KINDS } from "../../../src/engine/tasks/registry.ts";
import type { IssueRecord } from "../../tables/label-issues.ts";
import type { RowNames } from "../../tables/snapshot.ts";
import type { HeadStore } from "../store.ts";
import type { DataTools } from "./data-tools.ts";

/** The label issues of a training; none for a task whose rows have no scores. */
export async function findLabelIssues(
  store: HeadStore,
  { plan, scaler, outOfFold }: Checkpoint,
  { data, turns }: DataTools,
): Promise<IssueRecord[]> {
  if (!TASK_KINDS[plan.task].keepsRowScores || !scaler) return [];
  const rows = await namesOfFolds(store, plan.foldRows.length, turns);
  const near = await nearDuplicates(data, { plan, scaler, given: rows.given, turns });
  await turns.take();
  const labelled = { ...rows, outOfFold, classes: plan.labels.length };
  const issues = labelIssues(labelled, near, LIMITS.labelIssuesPerVersion);
  await turns.take();
  return issues.map((issue) => recordOf(issue, rows, plan.labels));
}

interface FoldNames {
  readonly given: Int32Array;
  readonly digests: Int32Array;
  /** `seq` of every row's example. */
  readonly examples: Float64Array;
}

/** Fold after fold, as the engine counts rows. */
async function namesOfFolds({ snapshot }: HeadStore, folds: number, turns: Turns): Promise<FoldNames> {
  const blocks: RowNames[] = [];
  for (let fold = 0; fold < folds; fold++) {
    blocks.push(...snapshot.names(fold));
    await turns.take();
  }
  const rows = blocks.reduce((sum, { examples }) => sum + examples.length, 0);
  const names = { given: new Int32Array(rows), digests: new Int32Array(2 * rows), examples: new Float64Array(rows) };
  let at = 0;
  for (const { examples, digests, targets } of blocks) {
    names.given.set(targets, at);
    names.digests.set(digests, 2 * at);
    names.examples.set(examples, at);
    at += examples.length;
  }
  return names;
}

function recordOf(
  { row, kind, suggested, score, suggestedScore, others }: LabelIssue,
  { given, digests, examples }: FoldNames,
  labels: readonly string[],
): IssueRecord {
  return {
    example: examples[row] as number,
    digest: hexOf(digests, row),
    kind,
    score,
    suggested_score: suggestedScore,
    label: labels[given[row] as number] as string,
    suggested: labels[suggested] as string,
    others: others.map((other) => examples[other] as number),
  };
}

const hexOf = (digests: Int32Array, row: number): string =>
  [...digests.subarray(2 * row, 2 * row + 2)].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
