// Continues L-BFGS on an objective that differs by an l2 term: corrects the pairs, the value and the gradient exactly.
import { combineInto, dot } from "../../tensor/vectors.ts";
import { type LbfgsOptions, type LbfgsState, nextLine, startLbfgs } from "./lbfgs.ts";
import { type Curvature, type Pair, withPair } from "./quasi-newton.ts";

/** A change of the objective by `strength`/2·|x|² over the first `regularised` components. */
export interface L2Change {
  readonly strength: number;
  readonly regularised: number;
}

/**
 * Continues from where `ended` stopped, on an objective that differs only by an l2 term. Value, gradient and curvature are
 * corrected exactly, without an evaluation. `pairs`: made by `shiftPair`, in order.
 */
export function continueLbfgs(
  ended: LbfgsState,
  change: L2Change,
  curvature: Curvature = null,
  pairs: readonly Pair[] = shiftPairs(ended.pairs, change),
): LbfgsState {
  const fresh = { ...startLbfgs(ended.trial, ended.options), pairs };
  if (!ended.at) return fresh;
  const { x, f, g } = ended.at;
  const weights = x.subarray(0, change.regularised);
  const at = { x, f: f + (change.strength / 2) * dot(weights, weights), g: shifted(g, x, change) };
  return nextLine({ ...fresh, at }, curvature);
}

/** Starts at `x` on a similar objective over other rows, and reuses the curvature of `ended` as a first estimate. */
export function restartLbfgs(ended: LbfgsState, x: Float32Array, change: L2Change, options: LbfgsOptions): LbfgsState {
  return { ...startLbfgs(x, options), pairs: shiftPairs(ended.pairs, change) };
}

const shiftPairs = (pairs: readonly Pair[], change: L2Change): Pair[] =>
  pairs.reduce<Pair[]>((kept, pair) => shiftPair(kept, pair, change), []);

/** The kept pairs, and `pair` corrected for the change of the objective. */
export const shiftPair = (kept: readonly Pair[], { s, y }: Pair, change: L2Change): Pair[] =>
  withPair(kept, s, shifted(y, s, change));

/** gradient + strength · x, over the regularised components. */
function shifted(gradient: Float32Array, x: Float32Array, { strength, regularised }: L2Change): Float32Array {
  const out = gradient.slice();
  const weights = out.subarray(0, regularised);
  combineInto(weights, [weights, x.subarray(0, regularised)], [1, strength]);
  return out;
}
