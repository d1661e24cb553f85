// Metrics of an already trained head on the rows of the current training.
import type { Metrics } from "../contract/metrics.ts";
import type { Turns } from "../core/turns.ts";
import type { Targets } from "../tensor/products.ts";
import type { RowPart } from "./data/blocks.ts";
import type { ReadyBlock, TrainingData } from "./data/training-data.ts";
import { type ReadyHead, readyHead } from "./heads/ready-head.ts";
import { rescaleHead } from "./heads/rescale.ts";
import type { FittedScaler } from "./heads/scaler.ts";
import type { TrainedHead } from "./heads/trained-head.ts";
import { judgingOf } from "./tasks/registry.ts";

export interface EvaluateRequest {
  /** One head, or several that each score some of the rows. */
  readonly heads: readonly TrainedHead[];
  /**
   * The index of the head that scores a row, from the row's fold and its position in that fold; null: no head scores it.
   * Absent: the first head scores every row.
   */
  readonly headOf?: (part: RowPart, row: number) => number | null;
  readonly parts: readonly RowPart[];
  /** The labels that the targets index. */
  readonly labels: readonly string[];
  /** The scaler of the rows of `data`. */
  readonly scaler: FittedScaler;
  /** The offset that `data` subtracted from the values of a regression. */
  readonly valueOffset?: number;
  /** Yields to other requests: after the heads are ready, and after each block. */
  readonly turns?: Turns;
}

/** Evaluates heads on the rows of the parts. A label that a head does not know gets probability 0. */
export async function evaluateHeads(data: TrainingData, request: EvaluateRequest): Promise<Metrics> {
  const { heads, parts, labels, scaler, valueOffset = 0, headOf = () => 0, turns } = request;
  const [first] = heads;
  if (!first) throw new Error("There is no head to evaluate");
  const judging = judgingOf(first);
  const all = judging.labelsFor(labels, first.labels);
  const target = { ...scaler.target, mean: scaler.target.mean + valueOffset };
  const ready = heads.map((head) => readyHead(rescaleHead(head, { ...scaler, target })));
  await turns?.take();
  const judged = judging.empty(all.length, thresholdsFor(all, first.labels, first.thresholds));
  for (const place of data.list(parts)) {
    await data.withBlock(place, scaler, (block) => {
      const scored = scoredRows(block, (row) => headOf(place.part, place.first + row));
      if (scored.length === 0) return;
      const outputs = outputsOf(block, ready, scored, all);
      const rows = { rows: scored.length, outputs, targets: targetsOf(block, scored), beta: 1 };
      judging.add(judged, rows);
      judging.count(judged, rows);
    });
    await turns?.take();
  }
  const metrics = judging.metrics(judged, all, scaler);
  await turns?.take();
  return metrics;
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

/** Calibrated outputs [scored][labels], each from the row's own head, in float64 like a training's own calibrated outputs. */
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

/** Columns of a head's outputs among `labels`; a regression keeps its one column. */
const columnsOf = (own: readonly string[], labels: readonly string[]): number[] =>
  own.length === 0 ? [0] : own.map((label) => labels.indexOf(label));
