// The direction of a quasi-Newton method from what its last steps found out (Nocedal & Wright 2006, algorithm 7.4).
import { release } from "../core/release.ts";
import { combination, combineInto, dot, dots } from "../tensor/vectors.ts";

/**
 * A first guess of the inverse Hessian, applied to a gradient: symmetric, positive definite. What it gives is the caller's to
 * release. Absent: a multiple of one.
 */
export type Curvature = ((gradient: Float32Array) => Float32Array) | null;

/** A step and what it changed in the gradient. */
export interface Pair {
  readonly s: Float32Array;
  readonly y: Float32Array;
  readonly rho: number;
  /** y·y */
  readonly length: number;
  /** s of each pair kept before this one, times y: the last of them is the pair just before. */
  readonly earlier: readonly number[];
}

/** Without positive curvature, as they were: such a pair would make the inverse Hessian indefinite. */
export function withPair(pairs: readonly Pair[], s: Float32Array, y: Float32Array): Pair[] {
  const products = dots([...pairs.map((pair) => pair.s), s, y], y);
  const [curvature, length] = products.slice(-2) as [number, number];
  if (!(curvature > 1e-12 * length)) return [...pairs];
  return [...pairs, { s, y, rho: 1 / curvature, length, earlier: products.slice(0, -2) }];
}

/**
 * −H·g by the two-loop recursion, of which a loop is one product with all vectors and one sum of them: what a pair's vectors
 * are to one another is known. The first curvature is scaled to agree with the last pair.
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

/** What each pair takes off −g, from the last to the first. */
function alphasOf(pairs: readonly Pair[], slopes: readonly number[]): number[] {
  const alphas = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    let left = -(slopes[i] as number);
    for (let j = i + 1; j < pairs.length; j++) left -= (alphas[j] as number) * stepTimesLater(pairs, i, j);
    alphas[i] = (pairs[i] as Pair).rho * left;
  }
  return alphas;
}

/** How much of each step comes to scale · r, from the first to the last. */
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
  // A guess that rounding has made indefinite along the last pair says nothing about scale.
  return seen > 0 ? 1 / (last.rho * seen) : 1;
}

/** yᵀ·H·y */
function lengthBy(curvature: NonNullable<Curvature>, y: Float32Array): number {
  const turned = curvature(y);
  const length = dot(y, turned);
  release(turned);
  return length;
}
