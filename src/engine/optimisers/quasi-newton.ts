// The direction of a quasi-Newton method from its last steps (Nocedal & Wright 2006, algorithm 7.4).
import { release } from "../../core/release.ts";
import { combination, combineInto, dot, dots } from "../../tensor/vectors.ts";

/**
 * An initial estimate of the inverse Hessian, applied to a gradient: symmetric, positive definite. The caller releases the
 * result. Absent: a multiple of the identity.
 */
export type Curvature = ((gradient: Float32Array) => Float32Array) | null;

/** A step and the change of the gradient along it. */
export interface Pair {
  readonly s: Float32Array;
  readonly y: Float32Array;
  readonly rho: number;
  /** y·y */
  readonly length: number;
  /** The products of y with s of each earlier pair; the last one belongs to the pair just before. */
  readonly earlier: readonly number[];
}

/**
 * Returns the pairs with a new one. Leaves it out if its curvature is not positive: it would make the inverse Hessian
 * indefinite.
 */
export function withPair(pairs: readonly Pair[], s: Float32Array, y: Float32Array): Pair[] {
  const products = dots([...pairs.map((pair) => pair.s), s, y], y);
  const [curvature, length] = products.slice(-2) as [number, number];
  if (!(curvature > 1e-12 * length)) return [...pairs];
  return [...pairs, { s, y, rho: 1 / curvature, length, earlier: products.slice(0, -2) }];
}

/**
 * −H·g by the two-loop recursion. Each loop is one product with all vectors and one sum of them, because the products between
 * pairs are stored. The initial curvature is scaled to agree with the last pair.
 */
export function quasiNewtonDirection(g: Float32Array, pairs: readonly Pair[], curvature: Curvature): Float32Array {
  const [steps, differences] = [pairs.map(({ s }) => s), pairs.map(({ y }) => y)];
  const alphas = alphasOf(pairs, dots(steps, g));
  const scale = scaleOf(pairs.at(-1), curvature);
  const q = combination([g, ...differences], [-1, ...alphas.map((alpha) => -alpha)]);
  const r = curvature ? curvature(q) : q;
  const factors = stepFactors(pairs, alphas, dots(differences, r), scale);
  if (r !== q) release(q);
  return combineInto(r, [r, ...steps], [scale, ...factors]);
}

/** The coefficients of the first loop, from the last pair to the first. */
function alphasOf(pairs: readonly Pair[], slopes: readonly number[]): number[] {
  const alphas = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    let left = -(slopes[i] as number);
    for (let j = i + 1; j < pairs.length; j++) left -= (alphas[j] as number) * stepTimesLater(pairs, i, j);
    alphas[i] = (pairs[i] as Pair).rho * left;
  }
  return alphas;
}

/** The coefficients of the steps in the second loop, from the first pair to the last. */
function stepFactors(pairs: readonly Pair[], alphas: readonly number[], along: readonly number[], scale: number) {
  const factors: number[] = [];
  pairs.forEach(({ rho }, i) => {
    let product = scale * (along[i] as number);
    for (let j = 0; j < i; j++) product += (factors[j] as number) * stepTimesLater(pairs, j, i);
    factors.push((alphas[i] as number) - rho * product);
  });
  return factors;
}

/** s of pair `i` times y of a later pair `j`. */
function stepTimesLater(pairs: readonly Pair[], i: number, j: number): number {
  return (pairs[j] as Pair).earlier.at(i - j) as number;
}

function scaleOf(last: Pair | undefined, curvature: Curvature): number {
  if (!last) return 1;
  const seen = curvature ? lengthBy(curvature, last.y) : last.length;
  // An estimate that rounding has made indefinite along the last pair gives no scale.
  return seen > 0 ? 1 / (last.rho * seen) : 1;
}

/** yᵀ·H·y */
function lengthBy(curvature: NonNullable<Curvature>, y: Float32Array): number {
  const turned = curvature(y);
  const length = dot(y, turned);
  release(turned);
  return length;
}
