// Sums of a multi-label head over held-out rows. Its thresholds need three rounds over them: scores, then the metrics of each
// cut on recalibrated scores, then counts at the thresholds.
import { addToCuts, bestCut, type CutSums, emptyCuts } from "./common-cut.ts";
import { eachRow, type JudgedRows } from "./judged-rows.ts";
import {
  addSets,
  countSet,
  emptyMultilabel,
  emptySetCounts,
  type MultilabelSums,
  type SetCounts,
} from "./multilabel.ts";
import { type Recalibration, scoreFor } from "./recalibration.ts";

/** The sums, the state of the threshold search, and the counts at the thresholds. */
export interface JudgedSets extends MultilabelSums {
  readonly recalibration: Recalibration | null;
  readonly cuts: CutSums;
  readonly thresholds: readonly number[] | null;
  readonly counts: SetCounts;
}

export const emptyJudgedSets = (labels: number, thresholds: readonly number[] | null): JudgedSets => {
  const empty = emptyMultilabel(labels);
  return { ...empty, recalibration: null, cuts: emptyCuts(), thresholds, counts: emptySetCounts(labels) };
};

/** Adds rows to the sums of scores, in place. */
export function addSetRows(judged: JudgedSets, rows: JudgedRows): void {
  eachRow(rows, (z, r) => addSets(judged, z, rows.targets as Uint8Array, r, rows.beta));
}

/** Adds rows to the metrics of each cut, in place. */
function addCutRows({ cuts }: JudgedSets, recalibration: Recalibration, rows: JudgedRows): void {
  eachRow(rows, (z, r) => addToCuts(cuts, recalibration, z, rows.targets as Uint8Array, r, rows.beta));
}

/** Counts the answers at the thresholds, in place. Does nothing before there are thresholds. */
export function countSetRows({ thresholds, counts }: JudgedSets, rows: JudgedRows): void {
  if (!thresholds) return;
  eachRow(rows, (z, r) => countSet(counts, thresholds, z, rows.targets as Uint8Array, r, rows.beta));
}

/** Adds rows to the sums of the current round, in place. */
export function measureSetRows(judged: JudgedSets, rows: JudgedRows): void {
  if (judged.thresholds) countSetRows(judged, rows);
  else if (judged.recalibration) addCutRows(judged, judged.recalibration, rows);
  else addSetRows(judged, rows);
}

/** Sets the thresholds by the best cut, before the rows are counted. */
export function settleThresholds<J extends JudgedSets>(judged: J): J {
  const { recalibration, cuts } = judged;
  if (!recalibration) throw new Error("Labels are not recalibrated yet");
  const cut = bestCut(cuts);
  return { ...judged, thresholds: Array.from(recalibration.slopes, (_, k) => scoreFor(recalibration, k, cut)) };
}
