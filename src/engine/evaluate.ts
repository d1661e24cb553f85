// Metrics of a head that was trained at another time, on the rows of a training at hand.
import type { Metrics } from "../contract/metrics.ts";
import type { Part } from "./blocks.ts";
import { type ReadyHead, readyHead } from "./heads/ready-head.ts";
import { rescaleHead } from "./heads/rescale.ts";
import type { FittedScaler } from "./heads/scaler.ts";
import type { TrainedHead } from "./heads/trained-head.ts";
import { countExactSets, emptyJudged, judge, metricsOfJudged } from "./metrics/judged.ts";
import type { ReadyBlock, TrainingData } from "./training-data.ts";

export interface EvaluateRequest {
  /** One head, or several of which each row has its own. */
  readonly heads: readonly TrainedHead[];
  /** Which of the heads scores a row, by its fold and its place in it; the first where absent. */
  readonly headOf?: (part: Part, row: number) => number;
  readonly parts: readonly Part[];
  /** What the targets index. */
  readonly labels: readonly string[];
  /** What the rows of `data` are scaled with. */
  readonly scaler: FittedScaler;
  readonly afterBlock?: () => Promise<void>;
}

/** Labels a head has never met get no probability from it. */
export async function evaluateHeads(data: TrainingData, request: EvaluateRequest): Promise<Metrics> {
  const { heads, parts, labels, scaler, headOf = () => 0, afterBlock } = request;
  const [first] = heads;
  if (!first) throw new Error("There is no head to evaluate");
  const task = first.task;
  // A classification may answer with a label that is gone; of a set of labels, such are left out.
  const all =
    task === "classification" ? [...labels, ...first.labels.filter((label) => !labels.includes(label))] : labels;
  const ready = heads.map((head) => readyHead(rescaleHead(head, scaler)));
  const { thresholds } = first;
  const empty = emptyJudged({ task, labels: all });
  const judged = empty.multilabel
    ? { ...empty, multilabel: { ...empty.multilabel, thresholds: thresholdsFor(all, first.labels, thresholds) } }
    : empty;
  for (const place of data.list(parts)) {
    await data.withBlock(place, scaler, (block) => {
      const outputs = outputsOf(block, ready, (row) => headOf(place.part, place.first + row), all);
      const rows = { rows: block.rows, outputs, targets: block.targets, beta: 1 };
      countExactSets(judge(judged, rows), rows);
    });
    await afterBlock?.();
  }
  return metricsOfJudged(judged, all, scaler);
}

const thresholdsFor = (
  all: readonly string[],
  own: readonly string[],
  thresholds: readonly number[] | null,
): number[] => all.map((label) => thresholds?.[own.indexOf(label)] ?? 0.5);

/** Calibrated outputs [rows][labels] of each row's own head. */
function outputsOf(
  block: ReadyBlock,
  ready: readonly ReadyHead[],
  headOf: (row: number) => number,
  labels: readonly string[],
): Float32Array {
  const width = Math.max(1, labels.length);
  const out = new Float32Array(block.rows * width).fill(-Infinity);
  const byHead = new Map<number, Float32Array>();
  const columns = ready.map(({ trained }) => columnsOf(trained.labels, labels));
  for (let r = 0; r < block.rows; r++) {
    const index = headOf(r);
    const head = ready[index] as ReadyHead;
    const outputs = byHead.get(index) ?? head.forward(block.scaled());
    byHead.set(index, outputs);
    columns[index]?.forEach((column, k, { length: own }) => {
      if (column >= 0) out[r * width + column] = (outputs[r * own + k] as number) / head.trained.temperature;
    });
  }
  return out;
}

/** Where a head's outputs belong among `labels`; the one of a regression stays where it is. */
const columnsOf = (own: readonly string[], labels: readonly string[]): number[] =>
  own.length === 0 ? [0] : own.map((label) => labels.indexOf(label));
