// What a kind of head must be able to do, whatever is trained: parameters are one flat float32 vector, data come in blocks.
import type { FeatureTensor } from "../../tensor/features.ts";
import type { GradientPart, LossTask } from "../../tensor/products.ts";
import type { RowHead } from "../../tensor/row-products.ts";

/** Extents of a head: everything that decides the length and meaning of its parameter vector. */
export interface HeadShape {
  readonly dims: number;
  /** Classes, labels, or one value. */
  readonly outputs: number;
  /** Units of the hidden layer; 0 where there is none. */
  readonly hidden: number;
}

export interface HeadKind {
  /** Length of the parameter vector. */
  size(shape: HeadShape): number;
  /** Where training starts; `seed` matters to heads that are not convex. */
  init(shape: HeadShape, seed: number): Float32Array;
  /** How many leading parameters are regularised; the rest are biases. */
  regularised(shape: HeadShape): number;
  /** Scores before softmax, sigmoid or scaling: [rows][outputs]. `x` is scaled. */
  forward(shape: HeadShape, parameters: Float32Array, x: FeatureTensor): Float32Array;
  /** The same bits for the rows of a request as they came, without tfjs; null where it cannot. features: [rows][dims]. */
  forwardRaw(head: RowHead, features: Float32Array, rows: number): Float32Array | null;
  /**
   * Σ loss over the rows of a block; adds its gradient, laid out like the parameters, to `gradient`, or leaves that of a few
   * rows in `part`.
   */
  addLossGradient(
    ...args: [
      ...[shape: HeadShape, parameters: Float32Array, x: FeatureTensor, task: LossTask, gradient: Float64Array],
      part?: GradientPart,
    ]
  ): number;
  /** Floating-point operations of `forward` on `rows` rows; loss and gradient cost twice as much. */
  work(shape: HeadShape, rows: number): number;
  /** Parameters in the layout that leaves the engine, row-major, without padding; and back. */
  encode(shape: HeadShape, parameters: Float32Array): HeadWeights;
  decode(shape: HeadShape, weights: HeadWeights): Float32Array;
}

/** Layers from the features on: `weights` is [inputs][outputs], `bias` [outputs]; rectified between two layers. */
export type HeadWeights = readonly LayerWeights[];

export interface LayerWeights {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}
