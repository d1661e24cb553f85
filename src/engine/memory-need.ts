// How much memory a training takes beside the rows that may stay on the heap: what it reserves before it begins. A figure from
// above, of the largest of its phases; `npm run bench:memory` holds it against what is measured.
import type { Task } from "../contract/heads.ts";
import { LIMITS } from "../core/limits.ts";
import { paddedDims } from "../tensor/features.ts";
import type { Folds } from "./folds.ts";

/** What decides it. */
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

/** Units of a hidden layer where the caller names none. */
export const HIDDEN = 128;

const FLOAT_BYTES = 4;
/** Of a row while rows are listed: its digest, its label and where its features lie. */
const LISTED_ROW_BYTES = 200;

/** Vectors as long as the weights: of each round its point, gradient, pairs and what was selected; and of the one at hand. */
const VECTORS = { ofRound: 7, atHand: 11, ofLarge: 13 };
/** Matrices of float64 as wide as the features, while one that guides the optimiser is inverted. */
const GRAM_MATRICES = 6;
/** A confusion as counts, and once more as the numbers that are told. */
const CONFUSION_BYTES = 16;

const weightsOf = ({ dims, labels }: Pick<TrainingExtent, "dims" | "labels">): number =>
  paddedDims(dims) * paddedDims(Math.max(1, labels));

/** Whether a linear head of so many weights is trained in the least memory. */
export const isLargeHead = (dims: number, labels: number): boolean => dims * labels > LIMITS.smallHeadParameters;

/** Bytes to reserve; never more than there are, so that the largest training has its turn, alone. */
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
  const confusion = task === "classification" ? CONFUSION_BYTES * labels ** 2 : 0;
  return FLOAT_BYTES * Math.max(vectors * weights, VECTORS.atHand * hidden) + gram + kept + confusion;
}

/** As many rounds, where their fits have room together; else one. */
export function roundsWithinMemory(extent: Omit<TrainingExtent, "rounds">, rounds: number): number {
  const fits = !isLargeHead(extent.dims, extent.labels) && fittingBytes({ ...extent, rounds }) <= LIMITS.memoryBytes;
  return rounds <= 1 || fits ? rounds : 1;
}

/** The same folds; of a head whose rounds have no room together, only one is held out. */
export function foldsWithinMemory(folds: Folds, task: Task, dims: number, labels: number): Folds {
  const rounds = roundsWithinMemory({ task, dims, labels, rows: folds.parts.length }, folds.rounds);
  return rounds === folds.rounds ? folds : { ...folds, rounds };
}
