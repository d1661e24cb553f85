// Examples whose label is probably wrong: by confident learning (Northcutt, Jiang & Chuang 2021) on scores of models that
// did not see them, and by other examples of the same input, or all but the same, with another label.
import { LIMITS } from "../core/limits.ts";
import type { NearPair } from "./near-duplicates.ts";
import type { OutOfFold } from "./out-of-fold.ts";

/** Of one row; rows are counted over the folds in order. */
export interface LabelIssue {
  readonly row: number;
  readonly kind: "contradiction" | "duplicate" | "near_duplicate";
  /** The class that fits better. */
  readonly suggested: number;
  /** Probability of the class given and of the one suggested; null where no model that did not see the row scored it. */
  readonly score: number | null;
  readonly suggestedScore: number | null;
  /** Rows that it contradicts. */
  readonly others: readonly number[];
}

export interface LabelledRows {
  /** The class of every row. */
  readonly given: Int32Array;
  /** Digests of the inputs, two int32 a row; rows of one input stand together. */
  readonly digests: Int32Array;
  readonly outOfFold: OutOfFold | null;
  readonly classes: number;
}

/** At most `most`, the most suspicious first. A row that is suspicious in several ways is told of once. */
export function labelIssues(rows: LabelledRows, near: readonly NearPair[], most: number): LabelIssue[] {
  const issues = new Map<number, LabelIssue>();
  for (const issue of [...contradictions(rows), ...nearIssues(rows, near), ...duplicates(rows)]) {
    issues.set(issue.row, issue);
  }
  const found = mostSuspicious([...issues.values()], most);
  const same = found.filter(({ kind }) => kind === "duplicate");
  return [...same, ...found.filter(({ kind }) => kind !== "duplicate").slice(0, mostUncertain(rows))];
}

/** Rows of every class from which on a model knows its classes well enough for what contradicts it to be told in full. */
const ENOUGH_ROWS_OF_CLASS = 30;
/**
 * Share of the rows that is listed of smaller heads. Their models miss a third of rows that are right: twice the share of wrong
 * labels that is usual (Northcutt, Athalye & Mueller 2021 found 3 % in benchmarks) leaves room for those that are wrong.
 */
const SMALL_HEAD_SHARE = 0.075;
/** And of very small ones this many rows. */
const LEAST_LISTED = 2;

/** How many issues are listed beside those that two labels of one input prove. */
function mostUncertain({ given, classes }: LabelledRows): number {
  if (given.length >= ENOUGH_ROWS_OF_CLASS * classes) return given.length;
  return Math.max(LEAST_LISTED, Math.floor(SMALL_HEAD_SHARE * given.length));
}

const mostSuspicious = (issues: readonly LabelIssue[], most: number): LabelIssue[] =>
  issues
    .map((issue) => ({ issue, suspicion: suspicionOf(issue) }))
    .sort((a, b) => b.suspicion - a.suspicion || a.issue.row - b.issue.row)
    .slice(0, most)
    .map(({ issue }) => issue);

/** Probabilities below this are as good as none. */
const LEAST = 1e-9;
const CERTAIN = 1e3;

/**
 * Two labels of one input cannot both be right: such rows come first. All are ranked by how many times as probable the better
 * label is, not by the difference, which finds fewer of labels that were flipped.
 */
function suspicionOf({ kind, score, suggestedScore }: LabelIssue): number {
  const lead = Math.log(((suggestedScore ?? 0) + LEAST) / ((score ?? suggestedScore ?? 0) + LEAST));
  return lead + (kind === "duplicate" ? CERTAIN : 0);
}

/** A class must be this many times as probable as the one given, to contradict it: less is doubt, not contradiction. */
const LEAST_LEAD = Math.log(3);
/** A label that another leads by this factor is listed, however many are. */
const CLEAR_LEAD = Math.log(10);

/** As many rows whose best class is another as labels are likely to be wrong, and every clear one. */
function contradictions(rows: LabelledRows): LabelIssue[] {
  const { given, outOfFold } = rows;
  if (!outOfFold) return [];
  const { best } = outOfFold;
  const suspects = Array.from(given, (_, row) => row).filter((row) => isContradicted(rows, best, row));
  const issues = suspects
    .map((row) => issueOf(rows, row, "contradiction", best[row] as number, []))
    .filter((issue) => suspicionOf(issue) >= LEAST_LEAD);
  const clear = issues.filter((issue) => suspicionOf(issue) >= CLEAR_LEAD).length;
  return mostSuspicious(issues, Math.max(clear, wrongLabels(rows, outOfFold)));
}

const isContradicted = ({ given }: LabelledRows, best: Int32Array, row: number): boolean =>
  (best[row] as number) >= 0 && best[row] !== given[row];

/**
 * How many labels are wrong: the share that is contradicted of those rows whose best class is as probable as it usually is
 * on its own rows (the off-diagonal of the confident joint), carried over to all rows.
 */
function wrongLabels(rows: LabelledRows, { best, bestScore, trueScore }: OutOfFold): number {
  const usual = meanSelfConfidence(rows, { best, trueScore });
  const scored = Array.from(best, (_, row) => row).filter((row) => (best[row] as number) >= 0);
  const confident = scored.filter((row) => (bestScore[row] as number) >= (usual[best[row] as number] as number));
  const wrong = confident.filter((row) => isContradicted(rows, best, row));
  return Math.round((scored.length * wrong.length) / Math.max(1, confident.length));
}

/** By class, the mean probability of it on the rows that are given it; 1 for a class that has none. */
function meanSelfConfidence(
  { given, classes }: LabelledRows,
  { best, trueScore }: Pick<OutOfFold, "best" | "trueScore">,
): Float64Array {
  const [sums, counts] = [new Float64Array(classes), new Float64Array(classes)];
  given.forEach((k, row) => {
    if ((best[row] as number) < 0) return;
    sums[k] = (sums[k] as number) + (trueScore[row] as number);
    counts[k] = (counts[k] as number) + 1;
  });
  return sums.map((sum, k) => (counts[k] === 0 ? 1 : sum / (counts[k] as number)));
}

function issueOf(
  rows: LabelledRows,
  row: number,
  kind: LabelIssue["kind"],
  suggested: number,
  others: readonly number[],
): LabelIssue {
  const score = scoreOf(rows, row);
  return { ...{ row, kind, suggested, score, others }, suggestedScore: suggestedScoreOf(rows, row, suggested, others) };
}

const scoreOf = ({ outOfFold }: LabelledRows, row: number): number | null =>
  outOfFold && (outOfFold.best[row] as number) >= 0 ? (outOfFold.trueScore[row] as number) : null;

/** Of the row where it is known, which is for its best class; else of the row that has that label. */
function suggestedScoreOf(
  rows: LabelledRows,
  row: number,
  suggested: number,
  [other]: readonly number[],
): number | null {
  const { outOfFold } = rows;
  if (outOfFold && outOfFold.best[row] === suggested) return outOfFold.bestScore[row] as number;
  return other === undefined ? null : scoreOf(rows, other);
}

/** Of two near rows of different classes, the one that is less sure of its own. */
function nearIssues(rows: LabelledRows, near: readonly NearPair[]): LabelIssue[] {
  const others = new Map<number, number[]>();
  for (const { a, b } of near) {
    const [row, other] = (scoreOf(rows, a) ?? 0) < (scoreOf(rows, b) ?? 0) ? [a, b] : [b, a];
    others.set(row, [...(others.get(row) ?? []), other]);
  }
  return [...others].map(([row, own]) => {
    const suggested = favoured(rows, own);
    return issueOf(rows, row, "near_duplicate", suggested, inOrder(rows, own, suggested));
  });
}

/** Rows of an input whose label is not the one that most of its rows have. */
function duplicates(rows: LabelledRows): LabelIssue[] {
  return runsOf(rows).flatMap((run) => {
    const suggested = favoured(rows, run);
    const wrong = run.filter((row) => rows.given[row] !== suggested);
    const others = inOrder(rows, run, suggested);
    return wrong.map((row) => {
      const contradicted = others.filter((other) => rows.given[other] !== rows.given[row]);
      return issueOf(rows, row, "duplicate", suggested, contradicted);
    });
  });
}

/** Rows of one input that do not all have one label. */
function runsOf({ given, digests }: LabelledRows): number[][] {
  const isSame = (a: number, b: number): boolean =>
    digests[2 * a] === digests[2 * b] && digests[2 * a + 1] === digests[2 * b + 1];
  const runs: number[][] = [];
  for (let row = 1; row < given.length; row++) {
    if (!isSame(row - 1, row)) continue;
    const run = runs.at(-1);
    if (run?.at(-1) === row - 1) run.push(row);
    else runs.push([row - 1, row]);
  }
  return runs.filter((run) => run.some((row) => given[row] !== given[run[0] as number]));
}

/** The class that most of `members` have; of as frequent ones, the most probable; of as probable ones, the first. */
function favoured(rows: LabelledRows, members: readonly number[]): number {
  const votes = new Map<number, { count: number; score: number }>();
  for (const row of members) {
    const k = rows.given[row] as number;
    const { count = 0, score = 0 } = votes.get(k) ?? {};
    votes.set(k, { count: count + 1, score: Math.max(score, scoreOf(rows, row) ?? 0) });
  }
  const ranked = [...votes].sort(([a, x], [b, y]) => y.count - x.count || y.score - x.score || a - b);
  return ranked[0]?.[0] as number;
}

/** Some of `members`, those of class `k` first. */
function inOrder({ given }: LabelledRows, members: readonly number[], k: number): number[] {
  const isOf = (row: number): boolean => given[row] === k;
  return [...members.filter(isOf), ...members.filter((row) => !isOf(row))].slice(0, LIMITS.othersPerLabelIssue);
}
