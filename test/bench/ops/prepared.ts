// What the methods of operation `gradient` have in common: the point that gradients are taken at, and what they give.

export interface LossGradient {
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Sums over rows, in any order of elements. */
  readonly weights: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/** Features on the heap, ready for gradients one after the other. */
export interface Prepared {
  gradient(): LossGradient;
  dispose(): void;
}

/** W [dims][classes] at which gradients are taken, with a bias of zeros: the same formula in ../torch_gradient.py. */
export const weightsOf = (dims: number, classes: number): Float32Array =>
  Float32Array.from({ length: dims * classes }, (_, i) => 0.02 * Math.sin(i + 1));
