// Shared by the methods of operation `gradient`: the point of the gradients, and the form of results.

export interface LossGradient {
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Sums over rows, in any order of elements. */
  readonly weights: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** Features on the heap, ready for repeated gradients. */
export interface Prepared {
  gradient(): LossGradient;
  dispose(): void;
}

/** W [dims][classes] of the gradients, with a bias of zeros: the same formula as in ../torch_gradient.py. */
export const weightsOf = (dims: number, classes: number): Float32Array =>
  Float32Array.from({ length: dims * classes }, (_, i) => 0.02 * Math.sin(i + 1));
