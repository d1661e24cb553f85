// Metrics of a head that was trained at another time, on the rows of a training at hand.
import type { Metrics } from "../contract/metrics.ts";
import type { Targets } from "../tensor/products.ts";
import type { Part } from "./blocks.ts";
import { type ReadyHead, readyHead } from "./heads/ready-head.ts";
import { rescaleHead } from "./heads/rescale.ts";
import type { FittedScaler } from "./heads/scaler.ts";
import type { TrainedHead } from "./heads/trained-head.ts";
import { countSets, emptyJudged, judge, metricsOfJudged, withThresholds } from "./metrics/judged.ts";
import type { ReadyBlock, TrainingData } from "./training-data.ts";

export interface EvaluateRequest {
  /** One head, or several of which each row has its own. */
  readonly heads: readonly TrainedHead[];
  /** Which of the heads scores a row, by its fold and its place in it, null for none; the first where absent. */
  readonly headOf?: (part: Part, row: number) => number | null;
  readonly parts: readonly Part[];
  /** What the targets index. */
  readonly labels: readonly string[];
  /** What the rows of `data` are scaled with. */
  readonly scaler: FittedScaler;
  /** What the values of a regression are counted from in `data`. */
  readonly valueOffset?: number;
  /** Lets others in: once the heads are ready, and after each block. */
  readonly turn?: () => Promise<void>;
}

/** Labels a head has never met get no probability from it. */
export async function evaluateHeads(data: TrainingData, request: EvaluateRequest): Promise<Metrics> {
  const { heads, parts, labels, scaler, valueOffset = 0, headOf = () => 0, turn } = request;
  const [first] = heads;
  if (!first) throw new Error("There is no head to evaluate");
  const task = first.task;
  // A classification may answer with a label that is gone; of a set of labels, such are left out.
  const all =
    task === "classification" ? [...labels, ...first.labels.filter((label) => !labels.includes(label))] : labels;
  const target = { ...scaler.target, mean: scaler.target.mean + valueOffset };
  const ready = heads.map((head) => readyHead(rescaleHead(head, { ...scaler, target })));
  await turn?.();
  const { thresholds } = first;
  const judged = withThresholds(emptyJudged({ task, labels: all }), thresholdsFor(all, first.labels, thresholds));
  for (const place of data.list(parts)) {
    await data.withBlock(place, scaler, (block) => {
      const scored = scoredRows(block, (row) => headOf(place.part, place.first + row));
      if (scored.length === 0) return;
      const outputs = outputsOf(block, ready, scored, all);
      const rows = { rows: scored.length, outputs, targets: targetsOf(block, scored), beta: 1 };
      countSets(judge(judged, rows), rows);
    });
    await turn?.();
  }
  return metricsOfJudged(judged, all, scaler);
}

const thresholdsFor = (
  all: readonly string[],
  own: readonly string[],
  thresholds: readonly number[] | null,
): number[] => all.map((label) => thresholds?.[own.indexOf(label)] ?? 0.5);

/** A row of a block and the head that scores it. */
interface ScoredRow {
  readonly row: number;
  readonly head: number;
}

const scoredRows = ({ rows }: ReadyBlock, headOf: (row: number) => number | null): ScoredRow[] =>
  Array.from({ length: rows }, (_, row) => ({ row, head: headOf(row) })).filter(
    (scored): scored is ScoredRow => scored.head !== null,
  );

function targetsOf({ targets, rows }: ReadyBlock, scored: readonly ScoredRow[]): Targets {
  const width = targets.length / rows;
  const picked = targets.slice(0, scored.length * width);
  scored.forEach(({ row }, i) => {
    picked.set(targets.subarray(row * width, (row + 1) * width), i * width);
  });
  return picked;
}

/** Calibrated outputs [scored][labels] of each row's own head: float64, as a training's own are once they are calibrated. */
function outputsOf(
  block: ReadyBlock,
  ready: readonly ReadyHead[],
  scored: readonly ScoredRow[],
  labels: readonly string[],
): Float64Array {
  const width = Math.max(1, labels.length);
  const out = new Float64Array(scored.length * width).fill(-Infinity);
  const byHead = new Map<number, Float32Array>();
  const columns = ready.map(({ trained }) => columnsOf(trained.labels, labels));
  scored.forEach(({ row, head: index }, i) => {
    const head = ready[index] as ReadyHead;
    const outputs = byHead.get(index) ?? head.forward(block.scaled());
    byHead.set(index, outputs);
    columns[index]?.forEach((column, k, { length: own }) => {
      if (column >= 0) out[i * width + column] = (outputs[row * own + k] as number) / head.trained.temperature;
    });
  });
  return out;
}

/** Where a head's outputs belong among `labels`; the one of a regression stays where it is. */
const columnsOf = (own: readonly string[], labels: readonly string[]): number[] =>
  own.length === 0 ? [0] : own.map((label) => labels.indexOf(label));
