// The interface of a kind of head. Parameters are one flat float32 vector; data come in blocks.
import type { FeatureTensor } from "../../tensor/features.ts";
import type { AdamMoments, StepSettings } from "../../tensor/mlp.ts";
import type { GradientPart, LossTask } from "../../tensor/products.ts";
import type { RowHead } from "../../tensor/row-products.ts";
import type { Solver } from "../phases.ts";

/** Sizes of a head: they decide the length and layout of its parameter vector. */
export interface HeadShape {
  readonly dims: number;
  /** Classes, labels, or one value. */
  readonly outputs: number;
  /** Units of the hidden layer; 0 without one. */
  readonly hidden: number;
}

export interface HeadKind {
  /** The solver that trains this kind. */
  readonly solver: Solver;
  /** Whether this kind has a hidden layer. The plan decides the layer's size. */
  readonly hasHidden: boolean;
  /** Whether leave-one-out has a closed form for the squared loss. */
  readonly hasClosedForm: boolean;
  /** The least number of rows with which `auto` tries this kind. */
  rowsForAuto(outputs: number): number;
  /** Cost of products of sparse rows, relative to dense rows. */
  readonly sparseWork: number;
  /** Length of the parameter vector. */
  size(shape: HeadShape): number;
  /** The start of training. `seed` matters to heads that are not convex. */
  init(shape: HeadShape, seed: number): Float32Array;
  /** Number of leading parameters that are regularised; the rest are biases. */
  regularised(shape: HeadShape): number;
  /** Scores before softmax, sigmoid or scaling: [rows][outputs]. `x` is scaled. */
  forward(shape: HeadShape, parameters: Float32Array, x: FeatureTensor): Float32Array;
  /** The bits of `forward` for unscaled `features` [rows][dims] of a request, without tfjs; null: use `forward` instead. */
  forwardRaw(head: RowHead, features: Float32Array, rows: number): Float32Array | null;
  /**
   * Returns Σ loss over the rows of a block. Adds its gradient, in the parameters' layout, to `gradient`, or collects that of a
   * few rows in `part`.
   */
  addLossGradient(
    shape: HeadShape,
    parameters: Float32Array,
    x: FeatureTensor,
    task: LossTask,
    gradient: Float64Array,
    part?: GradientPart,
  ): number;
  /** Adds the second derivatives of the loss to `sums`, for the solver `path`; null for other solvers. */
  readonly addCurvature:
    | ((shape: HeadShape, parameters: Float32Array, x: FeatureTensor, task: LossTask, sums: Float32Array) => void)
    | null;
  /** Updates parameters and moments over a block, in place, for the solver `epochs`; null for other solvers. */
  readonly takeSteps:
    | ((block: StepBlock, parameters: Float32Array, moments: AdamMoments, settings: StepSettings) => void)
    | null;
  /** Floating-point operations of `forward` on `rows` rows. Loss and gradient cost twice as much. */
  work(shape: HeadShape, rows: number): number;
  /** Parameters in the exported layout, row-major, without padding; and back. */
  encode(shape: HeadShape, parameters: Float32Array): HeadWeights;
  decode(shape: HeadShape, weights: HeadWeights): Float32Array;
}

export interface StepBlock {
  readonly shape: HeadShape;
  readonly x: FeatureTensor;
  readonly task: LossTask;
}

/** Layers from the features on: `weights` is [inputs][outputs], `bias` [outputs]. There is a ReLU between two layers. */
export type HeadWeights = readonly LayerWeights[];

export interface LayerWeights {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}
