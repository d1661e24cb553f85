// The part of a training's state that its fits continue from.
import type { EpochsState } from "./optimisers/adamw.ts";
import type { Diagonal } from "./optimisers/diagonal.ts";
import type { LbfgsState } from "./optimisers/lbfgs.ts";

export interface FitState {
  /** Variance of each scaled feature, used without a Gram matrix. With one: the diagonal measured for each output. */
  readonly diagonal: Diagonal | null;
  /** Mean Xᵀ·X of scaled features, lower triangle. */
  readonly gram: Float64Array | null;
  /** The initial inverse Hessian at one strength. */
  readonly curvature: {
    readonly l2: number;
    readonly matrix: Float32Array;
    /** (L⁻¹)ᵀ; the matrix is its product with its transpose. Only where leave-one-out needs it. */
    readonly factor: Float32Array | null;
  } | null;
  /** By round: the state of the fit along the path. */
  readonly fits: readonly LbfgsState[];
  /** The state of the fit on all folds. */
  readonly optimiser: LbfgsState | null;
  readonly epochs: EpochsState | null;
}
