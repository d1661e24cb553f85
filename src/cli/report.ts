// Formats the output of the demo: plain text from plain data.
import type { ClassificationMetrics } from "../contract/metrics.ts";
import type { Classified } from "../contract/predict.ts";
import type { VersionView } from "../contract/versions.ts";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Metrics on examples that no fit has seen, next to those of always answering the most frequent label. */
export function figuresOf({ metrics, calibration }: VersionView): string {
  const unseen = unseenOf(metrics);
  const rows = [
    ["", "trained", "majority"],
    ["accuracy", percent(unseen.accuracy), percent(majorityAccuracy(unseen))],
    ["macro-F1", unseen.macro_f1.toFixed(3), majorityF1(unseen).toFixed(3)],
    ["log-loss", unseen.log_loss.toFixed(3), frequencyLogLoss(unseen).toFixed(3)],
  ];
  const table = rows.map(
    ([name = "", ...cells]) => `  ${name.padEnd(10)}${cells.map((cell) => cell.padStart(10)).join("")}`,
  );
  const note = `  on ${unseen.examples} unseen messages; scores calibrated at temperature ${(calibration?.temperature ?? 1).toFixed(2)}`;
  return [...table, note].join("\n");
}

/** The demo's head is a classification. */
const unseenOf = ({ test, validation }: VersionView["metrics"]): ClassificationMetrics =>
  (test ?? validation) as ClassificationMetrics;

const largestShare = ({ per_label, examples }: ClassificationMetrics): number =>
  Math.max(...per_label.map(({ support }) => support)) / examples;

const majorityAccuracy = largestShare;
const majorityF1 = (metrics: ClassificationMetrics): number => {
  const share = largestShare(metrics);
  return (2 * share) / (1 + share) / metrics.per_label.filter(({ support }) => support > 0).length;
};

/** Log loss of answering each label with its frequency: the best possible without reading the input. */
function frequencyLogLoss({ per_label, examples }: ClassificationMetrics): number {
  const shares = per_label.map(({ support }) => support / examples).filter((share) => share > 0);
  return -shares.reduce((sum, share) => sum + share * Math.log(share), 0);
}

export function confusedPairs({ metrics }: VersionView, count: number): string {
  const { labels, matrix } = unseenOf(metrics).confusion;
  const pairs = labels.flatMap((truth, i) =>
    labels.map((predicted, k) => ({ truth, predicted, times: i === k ? 0 : (matrix[i]?.[k] ?? 0) })),
  );
  const worst = pairs.filter(({ times }) => times > 0).sort((a, b) => b.times - a.times);
  const lines = worst
    .slice(0, count)
    .map(({ truth, predicted, times }) => `  ${times}× ${truth} taken for ${predicted}`);
  return lines.length > 0 ? lines.join("\n") : "  none";
}

export function predictionLine(text: string, { scores }: Classified): string {
  const best = scores.slice(0, 2).map(({ label, score }) => `${label} ${score.toFixed(2)}`);
  return `  ${best.join(", ").padEnd(56)} ${text}`;
}
