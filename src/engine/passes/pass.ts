// The interface of a training pass: it folds blocks into sums, then decides the next phase.
import { release } from "../../core/release.ts";
import type { Checkpoint, Selected } from "../checkpoint.ts";
import type { RowPart } from "../data/blocks.ts";
import type { ReadyBlock } from "../data/training-data.ts";
import type { HeadKind, HeadShape } from "../heads/kind.ts";
import { HEAD_KINDS } from "../heads/registry.ts";
import type { FittedScaler } from "../heads/scaler.ts";
import { type Plan, shapeFor, total } from "../plan.ts";
import { TASK_KINDS } from "../tasks/registry.ts";

export interface Pass<Sums> {
  /** The parts whose blocks the pass reads, in this order. */
  parts(state: Checkpoint): readonly RowPart[];
  begin(state: Checkpoint): Sums;
  /** Adds a block, in place, and returns the same sums. */
  add(sums: Sums, block: ReadyBlock, state: Checkpoint): Sums;
  /** The state after the last block: the next phase, or the same phase again. */
  finish(state: Checkpoint, sums: Sums): Checkpoint;
  /** Operations of `add` for this many rows, without reading them. */
  work(state: Checkpoint, rows: number): number;
  /** Stops after the block that reaches this many rows. Absent: reads all rows. */
  mostRows?(state: Checkpoint): number;
  /** Reorders the blocks. Absent: canonical order. */
  arrange?<Block>(blocks: readonly Block[], state: Checkpoint): Block[];
}

/** A computation without rows, divided into steps because it is too long for one. */
export interface Computation<Sums> {
  steps(state: Checkpoint): number;
  begin(state: Checkpoint): Sums;
  step(sums: Sums, index: number, state: Checkpoint): Sums;
  finish(state: Checkpoint, sums: Sums): Checkpoint;
  /** Operations of one step. */
  stepWork(state: Checkpoint): number;
}

/** A pass over blocks, a computation in steps, or only a decision about the next phase. */
export type Stage = Pass<unknown> | Computation<unknown> | ((state: Checkpoint) => Checkpoint);

export const allFolds = ({ plan }: Pick<Checkpoint, "plan">): number[] => plan.foldRows.map((_, fold) => fold);
export const otherFolds = (state: Checkpoint): number[] => allFolds(state).filter((fold) => fold !== state.round);
/** The folds held out while choosing. */
export const judgedFolds = (state: Pick<Checkpoint, "plan">): number[] => allFolds(state).slice(0, state.plan.rounds);

export const rowsOfFolds = ({ foldRows }: Plan, folds: readonly number[]): number =>
  total(folds.map((fold) => foldRows[fold] ?? 0));

/** The number of rows of all folds. */
export const rowsOf = ({ foldRows }: Plan): number => total(foldRows);

export const firstRowOf = ({ foldRows }: Plan, fold: number): number => total(foldRows.slice(0, fold));

export const headOf = ({ kind }: Checkpoint): HeadKind => HEAD_KINDS[kind];
export const shapeOf = ({ plan, kind }: Checkpoint): HeadShape => shapeFor(plan, kind);

export const selectedOf = (state: Checkpoint): Selected => {
  if (!state.selected) throw new Error("Nothing has been selected yet");
  return state.selected;
};

export function fittedScaler({ scaler }: Checkpoint): FittedScaler {
  if (!scaler) throw new Error("There is no scaler yet");
  return scaler;
}

/** The loss of a block's outputs and its targets. */
export const lossTask = ({ plan, classWeights }: Checkpoint, { targets }: ReadyBlock) => ({
  loss: TASK_KINDS[plan.task].loss,
  targets,
  classWeights,
});

/** Operations of a forward pass. Loss and gradient take twice as many. */
export const forwardWork = (state: Checkpoint, rows: number): number =>
  (state.scaler?.sparse ? headOf(state).sparseWork : 1) * headOf(state).work(shapeOf(state), rows);

/** `forwardWork` plus the JavaScript work on the outputs: each output takes as long as two thousand kernel operations. */
export const judgingWork = (state: Checkpoint, rows: number): number =>
  forwardWork(state, rows) + 2_000 * rows * shapeOf(state).outputs;

export function forward(state: Checkpoint, parameters: Float32Array, block: ReadyBlock): Float32Array {
  return headOf(state).forward(shapeOf(state), parameters, block.scaled());
}

/** A model and the block to evaluate. */
export type Evaluation = Parameters<typeof forward>;

/** Calls `use` with outputs [rows][outputs], which are only valid until it returns. */
export function withOutputs<T>(asked: Evaluation, use: (outputs: Float32Array) => T): T {
  const outputs = forward(...asked);
  try {
    return use(outputs);
  } finally {
    release(outputs);
  }
}

/** Like `withOutputs`, for a model that several passes evaluate: keeps its outputs for later passes while memory allows. */
export function withKeptOutputs<T>(asked: Evaluation, use: (outputs: Float32Array) => T): T {
  const [, parameters, block] = asked;
  return block.withKept(parameters, () => forward(...asked), use);
}

/** Whether this share of the work that the caller allowed is used up. */
export const isSpent = ({ plan, work }: Checkpoint, share: number): boolean =>
  plan.mostWork !== null && work >= share * plan.mostWork;
/** Share of the work that the search may use. The final fit needs the rest. */
export const SEARCH_SHARE = 0.6;
