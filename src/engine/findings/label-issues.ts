// Examples whose label is probably wrong. Found by confident learning (Northcutt, Jiang & Chuang 2021) on scores of models that
// did not see them, and by other examples with the same or nearly the same input and another label.
import { LIMITS } from "../../core/limits.ts";
import type { NearPair } from "./near-duplicates.ts";
import type { OutOfFold } from "./out-of-fold.ts";

/** An issue of one row. Rows are counted over the folds in order. */
export interface LabelIssue {
  readonly row: number;
  readonly kind: "contradiction" | "duplicate" | "near_duplicate";
  /** The class that fits better. */
  readonly suggested: number;
  /** Probability of the given class and of the suggested one; null if every model that scored the row had seen it. */
  readonly score: number | null;
  readonly suggestedScore: number | null;
  /** Rows whose labels contradict this row's label. */
  readonly others: readonly number[];
}

export interface LabelledRows {
  /** The class of every row. */
  readonly given: Int32Array;
  /** Digests of the inputs, two int32 per row. Rows with the same input are adjacent. */
  readonly digests: Int32Array;
  readonly outOfFold: OutOfFold | null;
  readonly classes: number;
}

/** At most `most` issues, the most suspicious first. A row with several kinds of issue is listed once. */
export function labelIssues(rows: LabelledRows, near: readonly NearPair[], most: number): LabelIssue[] {
  const issues = new Map<number, LabelIssue>();
  for (const issue of [...contradictions(rows), ...nearIssues(rows, near), ...duplicates(rows)]) {
    issues.set(issue.row, issue);
  }
  const found = mostSuspicious([...issues.values()], most);
  const same = found.filter(({ kind }) => kind === "duplicate");
  return [...same, ...found.filter(({ kind }) => kind !== "duplicate").slice(0, mostUncertain(rows))];
}

/** Rows per class from which on a model knows its classes well enough to list all contradictions. */
const ENOUGH_ROWS_OF_CLASS = 30;
/**
 * Share of the rows that is listed for smaller heads. Their models are wrong about a third of the correctly labelled rows.
 * Twice the usual share of wrong labels (Northcutt, Athalye & Mueller 2021 found 3 % in benchmarks) leaves room for the wrong
 * labels among them.
 */
const SMALL_HEAD_SHARE = 0.075;
/** Least number of rows listed for very small heads. */
const LEAST_LISTED = 2;

/** Most issues that are listed in addition to those proven by two labels of one input. */
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

/** Added to both probabilities, so that their ratio stays finite and smaller values do not matter. */
const LEAST = 1e-9;
const CERTAIN = 1e3;

/**
 * Two labels of one input cannot both be right, so these rows come first. Rows are ranked by the ratio of the two
 * probabilities: the difference finds fewer flipped labels.
 */
function suspicionOf({ kind, score, suggestedScore }: LabelIssue): number {
  const lead = Math.log(((suggestedScore ?? 0) + LEAST) / ((score ?? suggestedScore ?? 0) + LEAST));
  return lead + (kind === "duplicate" ? CERTAIN : 0);
}

/** A class must be this many times as probable as the given one to contradict it. */
const LEAST_LEAD = Math.log(3);
/** A row is always listed if another class is this many times as probable as the given one. */
const CLEAR_LEAD = Math.log(10);

/** Lists as many contradicted rows as there are probably wrong labels, and every clearly contradicted row. */
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
 * Estimated number of wrong labels. Considers rows whose best class is at least as probable as on average on that class's own
 * rows (the off-diagonal of the confident joint), and extrapolates their contradicted share to all rows.
 */
function wrongLabels(rows: LabelledRows, { best, bestScore, trueScore }: OutOfFold): number {
  const usual = meanSelfConfidence(rows, { best, trueScore });
  const scored = Array.from(best, (_, row) => row).filter((row) => (best[row] as number) >= 0);
  const confident = scored.filter((row) => (bestScore[row] as number) >= (usual[best[row] as number] as number));
  const wrong = confident.filter((row) => isContradicted(rows, best, row));
  return Math.round((scored.length * wrong.length) / Math.max(1, confident.length));
}

/** By class, its mean probability on the rows with that label; 1 for a class without rows. */
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
  return { row, kind, suggested, score, others, suggestedScore: suggestedScoreOf(rows, row, suggested, others) };
}

const scoreOf = ({ outOfFold }: LabelledRows, row: number): number | null =>
  outOfFold && (outOfFold.best[row] as number) >= 0 ? (outOfFold.trueScore[row] as number) : null;

/**
 * The score of the suggested class on the row itself if it is the row's best class; else the score of the other row that has
 * this label.
 */
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

/** For two near rows of different classes: lists the one with the lower score for its own class. */
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

/** Rows whose label differs from the label that most rows of the same input have. */
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

/** Groups of rows with the same input and different labels. */
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

/** The class of most of `members`. Ties are resolved by probability, then by order. */
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
