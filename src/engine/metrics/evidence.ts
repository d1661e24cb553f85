// Evidence for one metric of a version, from the held-out rows: a 95 % interval, and the metric of a constant answer on the
// same rows. The promotion rule uses both.
import type { ClassificationMetrics, MultilabelMetrics, RegressionMetrics } from "../../contract/metrics.ts";
import type { SelectionMetric } from "../../contract/recipes.ts";
import { seededRandom } from "../data/seeded-random.ts";
import type { OutOfFold } from "../findings/out-of-fold.ts";
import { type ClassificationSums, crossEntropy, mean } from "./classification.ts";
import type { JudgedSets } from "./judged-sets.ts";
import type { RegressionSums } from "./regression.ts";

/**
 * `bootstrap`: percentiles of resamples. `normal`: mean ± 1.96 standard errors, which bootstrap intervals of a mean approach as
 * rows grow; rmse is the root of such a mean. Resampling each row's loss would take 200 passes over the rows.
 */
export type IntervalMethod = "bootstrap" | "normal";

export interface Evidence {
  /** Held-out rows. */
  readonly examples: number;
  readonly interval: readonly [number, number];
  readonly method: IntervalMethod;
  /**
   * The metric of the constant answer: the most frequent label, the label frequencies if probabilities count, or the mean
   * value.
   */
  readonly baseline: number;
}

export interface EvidenceQuestion {
  readonly metric: SelectionMetric;
  readonly seed: number;
  /** Scores of the held-out rows, if they are kept. */
  readonly outOfFold: OutOfFold | null;
  /** How often the most frequent answer in training is exactly right on the held-out rows. */
  readonly mostFrequent: number;
}

export function evidenceOnLabels(
  { confusion }: Pick<ClassificationSums, "confusion">,
  metrics: ClassificationMetrics,
  { metric, outOfFold }: EvidenceQuestion,
): Evidence {
  const { examples, accuracy, accuracy_interval, macro_f1, macro_f1_interval } = metrics;
  const shares = sharesOfRows(confusion, examples);
  const most = Math.max(...shares);
  if (metric === "accuracy") {
    const interval = accuracy_interval ?? ([accuracy, accuracy] as const);
    return { examples, interval, method: "bootstrap", baseline: most };
  }
  if (metric === "macro_f1") {
    const baseline = f1OfAlways(most) / Math.max(1, shares.filter((share) => share > 0).length);
    return { examples, interval: macro_f1_interval ?? [macro_f1, macro_f1], method: "bootstrap", baseline };
  }
  const losses = outOfFold ? Array.from(outOfFold.trueScore.subarray(0, examples), crossEntropy) : [];
  const sum = losses.reduce((a, b) => a + b, 0);
  const squares = losses.reduce((a, b) => a + b * b, 0);
  const baseline = shares.reduce((entropy, share) => entropy + (share > 0 ? share * crossEntropy(share) : 0), 0);
  return { examples, interval: intervalOfMean(losses.length, sum, squares), method: "normal", baseline };
}

/** Frequency of each label: row sums of the confusion [truth][predicted]. */
function sharesOfRows(confusion: Int32Array, rows: number): number[] {
  const labels = Math.round(Math.sqrt(confusion.length));
  return Array.from({ length: labels }, (_, k) => {
    return confusion.subarray(k * labels, (k + 1) * labels).reduce((a, b) => a + b, 0) / Math.max(1, rows);
  });
}

/** F1 of a label that is always answered, if this share of rows has it. */
const f1OfAlways = (share: number): number => (2 * share) / (1 + share);

/**
 * Baselines: the most frequent set if exact sets count; all labels for every row, for F1; the label frequencies as
 * probabilities, for log loss.
 */
export function evidenceOnSets(
  sums: JudgedSets,
  _: MultilabelMetrics,
  { metric, seed, mostFrequent }: EvidenceQuestion,
): Evidence {
  const { rows, counts, logLoss, logLossSquares } = sums;
  const examples = rows;
  const shares = Array.from(counts.support, (support) => support / Math.max(1, rows));
  if (metric === "log_loss") {
    const baseline = mean(shares.map((share) => share * crossEntropy(share) + (1 - share) * crossEntropy(1 - share)));
    return { examples, interval: intervalOfMean(rows, logLoss, logLossSquares), method: "normal", baseline };
  }
  if (metric === "accuracy") {
    const interval = intervalOfMean(rows, counts.exact, counts.exact);
    return { examples, interval, method: "normal", baseline: mostFrequent };
  }
  const baseline = mean(shares.filter((share) => share > 0).map(f1OfAlways));
  return { examples, interval: intervalOfMacroF1(sums, seed), method: "bootstrap", baseline };
}

const RESAMPLES = 200;

/**
 * Percentiles of macro-F1 over resamples (Efron 1979): correct, wrong and missed answers of each label are redrawn as Poisson
 * counts.
 */
function intervalOfMacroF1({ counts: { hits, predicted, support } }: JudgedSets, seed: number): [number, number] {
  const random = seededRandom(seed + 7_919);
  const figures = Array.from({ length: RESAMPLES }, () => {
    const f1s: number[] = [];
    hits.forEach((hit, k) => {
      const right = random.poisson(hit);
      const others = random.poisson((predicted[k] as number) + (support[k] as number) - 2 * hit);
      if (support[k] as number) f1s.push(right + others === 0 ? 0 : (2 * right) / (2 * right + others));
    });
    return mean(f1s);
  }).sort((a, b) => a - b);
  const at = (share: number): number => figures[Math.round(share * (RESAMPLES - 1))] as number;
  return [at(0.025), at(0.975)];
}

/** Normal 95 % interval of a mean. */
function intervalOfMean(rows: number, sum: number, squares: number): [number, number] {
  const average = sum / Math.max(1, rows);
  const variance = Math.max(0, squares / Math.max(1, rows) - average * average);
  const half = 1.96 * Math.sqrt(variance / Math.max(1, rows));
  return [average - half, average + half];
}

/** For the root of the mean squared error. The baseline is the standard deviation of the values, as in R². */
export function evidenceOnValues(sums: RegressionSums, { examples, rmse }: RegressionMetrics): Evidence {
  const { rows, squared, fourth, values, squaredValues } = sums;
  const [low, high] = intervalOfMean(rows, squared, fourth);
  // The sums are in deviations of the training; the metric is in units of the values.
  const unit = squared > 0 ? rmse / Math.sqrt(squared / rows) : 1;
  const spread = Math.max(0, squaredValues / rows - (values / rows) ** 2);
  return {
    examples,
    interval: [unit * Math.sqrt(Math.max(0, low)), unit * Math.sqrt(high)],
    method: "normal",
    baseline: unit * Math.sqrt(spread),
  };
}
