// Detects drift: compares histograms of current requests with those of the training.

/** Counts by bin, in the training and now. */
interface Compared {
  readonly expected: readonly number[];
  readonly seen: readonly number[];
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/**
 * The population stability index, Σ (p − q) · ln(p / q) (Siddiqi 2006, Credit Risk Scorecards), minus its expectation by
 * chance, (bins − 1)(1/n + 1/m) (Yurdakul & Naranjo 2020); never below 0. Every bin gets half a count, because an empty bin
 * would make the index infinite.
 */
export function stabilityIndex({ expected, seen }: Compared): number {
  const bins = expected.length;
  const [n, m] = [sum(expected), sum(seen)];
  if (n === 0 || m === 0) return 0;
  const index = expected.reduce((total, count, bin) => {
    const p = (count + 0.5) / (n + bins / 2);
    const q = ((seen[bin] as number) + 0.5) / (m + bins / 2);
    return total + (p - q) * Math.log(p / q);
  }, 0);
  return Math.max(0, index - (bins - 1) * (1 / n + 1 / m));
}

/** Histograms of the training's rows; of rows that the model did not see, if there are any. */
export interface DriftReference {
  /** By measure of the features: the edges of its bins, and their counts. */
  readonly edges: readonly (readonly number[])[];
  readonly measures: readonly (readonly number[])[];
  /** Best scores by bin, and predicted labels; null if not recorded. */
  readonly scores: readonly number[] | null;
  readonly labels: readonly (readonly [label: string, count: number])[] | null;
}

/** Histograms of requests and answers since then. */
export interface DriftSeen {
  readonly measures: readonly (readonly number[])[];
  readonly scores: readonly number[];
  readonly labels: ReadonlyMap<string, number>;
}

export interface Drift {
  /** Predictions whose features were measured. */
  readonly predictions: number;
  /** The largest index of any measure of the features; of the best scores; of the labels. */
  readonly features: number;
  readonly scores: number | null;
  readonly labels: number | null;
}

const LEAST_PREDICTIONS = 200;

/** null if there are too few predictions. */
export function driftOf(reference: DriftReference, seen: DriftSeen): Drift | null {
  const predictions = sum(seen.measures[0] ?? []);
  if (predictions < LEAST_PREDICTIONS) return null;
  const features = reference.measures.map((expected, j) =>
    stabilityIndex({ expected, seen: seen.measures[j] as readonly number[] }),
  );
  return {
    predictions,
    features: Math.max(...features),
    scores: reference.scores && stabilityIndex({ expected: reference.scores, seen: seen.scores }),
    labels: reference.labels && stabilityIndex(labelCounts(reference.labels, seen.labels)),
  };
}

/** Labels that were never predicted in training share one bin. */
function labelCounts(expected: NonNullable<DriftReference["labels"]>, seen: ReadonlyMap<string, number>): Compared {
  const known = expected.map(([label]) => seen.get(label) ?? 0);
  const others = sum([...seen.values()]) - sum(known);
  return { expected: [...expected.map(([, count]) => count), 0], seen: [...known, others] };
}

/** Thresholds: a major shift by credit scoring's convention, and the level below which drift counts as over. */
const MAJOR = 0.25;
const OVER = 0.1;

/**
 * Whether drift is detected, given whether it was detected before. The two thresholds prevent repeated events for values near
 * one limit.
 */
export function isDetected({ features, scores, labels }: Drift, before: boolean): boolean {
  const worst = Math.max(features, scores ?? 0, labels ?? 0);
  return worst >= (before ? OVER : MAJOR);
}
