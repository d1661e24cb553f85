// Estimates how much memory a training takes in addition to the rows that may stay on the heap. This is reserved before it
// begins. An upper bound, from the largest of its phases; `npm run bench:memory` compares it with measurements.
import type { Task } from "../contract/tasks.ts";
import { LIMITS } from "../core/limits.ts";
import { paddedDims } from "../tensor/features.ts";
import type { Folds } from "./data/folds.ts";
import { TASK_KINDS } from "./tasks/registry.ts";

/** The inputs of the estimate. */
export interface TrainingExtent {
  readonly task: Task;
  readonly dims: number;
  readonly labels: number;
  readonly rows: number;
  /** Folds held out in turn. */
  readonly rounds: number;
  /** Units of a hidden layer, which may be tried. */
  readonly hidden?: number | undefined;
}

/** Units of a hidden layer if the caller names none. */
export const HIDDEN = 128;

const FLOAT_BYTES = 4;
/** Bytes per row while rows are listed: its digest, its label and the place of its features. */
const LISTED_ROW_BYTES = 200;

/**
 * Number of vectors as long as the weights. `ofRound`: point, gradient, pairs and selected parameters of each round. `atHand`:
 * vectors of the current fit. `ofLarge`: all vectors of a large head's training.
 */
const VECTORS = { ofRound: 7, atHand: 11, ofLarge: 13 };
/** Number of float64 matrices [dims][dims] while the matrix that preconditions the optimiser is inverted. */
const GRAM_MATRICES = 6;

const weightsOf = ({ dims, labels }: Pick<TrainingExtent, "dims" | "labels">): number =>
  paddedDims(dims) * paddedDims(Math.max(1, labels));

/** Whether a linear head of this size is trained with the settings that need the least memory. */
export const isLargeHead = (dims: number, labels: number): boolean => dims * labels > LIMITS.smallHeadParameters;

/** Bytes to reserve. Never more than the whole budget: the largest training then runs alone. */
export function trainingBytes(extent: TrainingExtent): number {
  const gathering = Math.min(LIMITS.gatheredBytes, FLOAT_BYTES * extent.rows * extent.dims);
  const need = LISTED_ROW_BYTES * extent.rows + Math.max(gathering, fittingBytes(extent));
  return Math.min(LIMITS.memoryBytes, Math.ceil(need));
}

function fittingBytes({ task, dims, labels, rows, rounds, hidden: units = HIDDEN }: TrainingExtent): number {
  const weights = weightsOf({ dims, labels });
  const vectors = isLargeHead(dims, labels) ? VECTORS.ofLarge : VECTORS.atHand + VECTORS.ofRound * Math.max(1, rounds);
  const hidden = Math.min(LIMITS.hiddenParameters, units * (dims + labels));
  const gram = dims <= LIMITS.gramDimensions ? GRAM_MATRICES * 8 * paddedDims(dims) ** 2 : 0;
  const kept = Math.min(LIMITS.keptOutputBytes, FLOAT_BYTES * rows * Math.max(1, labels));
  const metrics = TASK_KINDS[task].pairBytes * labels ** 2;
  return FLOAT_BYTES * Math.max(vectors * weights, VECTORS.atHand * hidden) + gram + kept + metrics;
}

/** `rounds` if all its fits fit into memory together; else one. */
export function roundsWithinMemory(extent: Omit<TrainingExtent, "rounds">, rounds: number): number {
  const fits = !isLargeHead(extent.dims, extent.labels) && fittingBytes({ ...extent, rounds }) <= LIMITS.memoryBytes;
  return rounds <= 1 || fits ? rounds : 1;
}

/** `folds`, with only one fold held out if the rounds do not fit into memory together. */
export function foldsWithinMemory(folds: Folds, task: Task, dims: number, labels: number): Folds {
  const rounds = roundsWithinMemory({ task, dims, labels, rows: folds.parts.length }, folds.rounds);
  return rounds === folds.rounds ? folds : { ...folds, rounds };
}
