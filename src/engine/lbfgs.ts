// Limited-memory BFGS (Nocedal & Wright 2006, algorithm 7.4) with a weak-Wolfe bisection line search (Lewis & Overton
// 2013). Turned inside out: the caller evaluates `trial` and tells the result, so it can stop and go on anywhere.

import { release } from "../core/release.ts";
import { combination, dot, dots } from "../tensor/vectors.ts";

export interface LbfgsOptions {
  /** Stop when no component of the gradient is larger. */
  readonly gradientTolerance: number;
  /** Stop when accepted steps lower the objective by less than this share of it. */
  readonly decreaseTolerance: number;
  /** How many such steps in a row: one may be short by chance, in the middle of a descent. Absent: one. */
  readonly patience?: number | undefined;
  readonly maxIterations: number;
  /** Pairs of steps and gradient differences kept. */
  readonly memory: number;
  /** How much of the step that the first curvature asks for is tried before there is any pair; absent: all of it. */
  readonly firstStep?: number | undefined;
  /** Stop as soon as the objective is no higher, whatever the tolerances say. */
  readonly target?: number | undefined;
}

/** A first guess of the inverse Hessian, applied to a gradient: symmetric, positive definite. Absent: a multiple of one. */
export type Curvature = ((gradient: Float32Array) => Float32Array) | null;

interface Pair {
  readonly s: Float32Array;
  readonly y: Float32Array;
  readonly rho: number;
  /** y·y */
  readonly length: number;
  /** s of each pair kept before this one, times y: the last of them is the pair just before. */
  readonly earlier: readonly number[];
}

/** A flat record, plain data: what a checkpoint stores. */
export interface LbfgsState {
  readonly options: LbfgsOptions;
  /** Where to evaluate next; once `done`, where it ended. `at` and `pairs` then tell what is known there. */
  readonly trial: Float32Array;
  readonly done: boolean;
  /** What the last accepted step lowered the objective by, as a share of it; null before the first. */
  readonly decrease: number | null;
  /** Accepted steps in a row that lowered it by less than the tolerance. */
  readonly shortSteps: number;
  readonly evaluations: number;
  readonly iterations: number;
  /** The last accepted point; null before the first evaluation. */
  readonly at: { readonly x: Float32Array; readonly f: number; readonly g: Float32Array } | null;
  readonly pairs: readonly Pair[];
  /** The line being searched: `step` lies between `low` and `high`. */
  readonly line: Line | null;
}

interface Line {
  readonly direction: Float32Array;
  readonly slope: number;
  readonly step: number;
  readonly low: number;
  readonly high: number;
  readonly tries: number;
}

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
/** No upper end found yet: JSON has no infinity. */
const UNBOUNDED = Number.MAX_VALUE;
const MAX_LINE_EVALUATIONS = 25;

export function startLbfgs(x: Float32Array, options: LbfgsOptions): LbfgsState {
  return {
    options,
    trial: x,
    done: false,
    decrease: null,
    shortSteps: 0,
    evaluations: 0,
    iterations: 0,
    at: null,
    pairs: [],
    line: null,
  };
}

/** A change of the objective by `strength`/2·|x|² over the first `regularised` components. */
export interface L2Change {
  readonly strength: number;
  readonly regularised: number;
}

/**
 * Goes on from where `ended` did, on an objective that differs by an l2 term only: what is known of value, gradient and
 * curvature is corrected for it exactly, so not one evaluation is spent on finding out.
 */
export function continueLbfgs(ended: LbfgsState, change: L2Change, curvature: Curvature = null): LbfgsState {
  const pairs = shiftPairs(ended.pairs, change);
  const fresh = { ...startLbfgs(ended.trial, ended.options), pairs };
  if (!ended.at) return fresh;
  const { x, f, g } = ended.at;
  const weights = x.subarray(0, change.regularised);
  const at = { x, f: f + (change.strength / 2) * dot(weights, weights), g: shifted(g, x, change) };
  return nextLine({ ...fresh, at }, curvature);
}

/** Starts at `x` on an objective like that of `ended` but over other rows, with its curvature for a first guess. */
export function restartLbfgs(ended: LbfgsState, x: Float32Array, change: L2Change, options: LbfgsOptions): LbfgsState {
  return { ...startLbfgs(x, options), pairs: shiftPairs(ended.pairs, change) };
}

const shiftPairs = (pairs: readonly Pair[], change: L2Change): Pair[] =>
  pairs.reduce<Pair[]>((kept, { s, y }) => withPair(kept, s, shifted(y, s, change)), []);

/** gradient + strength · x, over the regularised components. */
function shifted(gradient: Float32Array, x: Float32Array, { strength, regularised }: L2Change): Float32Array {
  const out = gradient.slice();
  out.set(combination([gradient.subarray(0, regularised), x.subarray(0, regularised)], [1, strength]));
  return out;
}

/** Without positive curvature, as they were: such a pair would make the inverse Hessian indefinite. */
function withPair(pairs: readonly Pair[], s: Float32Array, y: Float32Array): Pair[] {
  const products = dots([...pairs.map((pair) => pair.s), s, y], y);
  const [curvature, length] = products.slice(-2) as [number, number];
  if (!(curvature > 1e-12 * length)) return [...pairs];
  return [...pairs, { s, y, rho: 1 / curvature, length, earlier: products.slice(0, -2) }];
}

/** The state after the objective `f` and gradient `g` at `state.trial` are known. The state before is spent. */
export function tell(before: LbfgsState, f: number, g: Float32Array, curvature: Curvature = null): LbfgsState {
  const state = { ...before, evaluations: before.evaluations + 1 };
  if (!state.at || !state.line) return nextLine({ ...state, at: { x: state.trial, f, g } }, curvature);
  const line = narrow(state.line, f, dot(g, state.line.direction), state.at.f);
  if (line === "accept") return accept(state, f, g, curvature);
  // Rounding hides any further decrease: the last accepted point is as good as float32 gets.
  if (line.tries >= MAX_LINE_EVALUATIONS) return stopAt(state, state.at.x);
  return search(state, line);
}

/** The verdict of the weak Wolfe conditions on a step: accept it, or look in a smaller or later interval. */
function narrow(before: Line, f: number, slope: number, f0: number): Line | "accept" {
  const { step, low, high } = before;
  const line = { ...before, tries: before.tries + 1 };
  if (!(f <= f0 + SUFFICIENT_DECREASE * step * line.slope)) return { ...line, high: step, step: (low + step) / 2 };
  if (slope >= CURVATURE * line.slope) return "accept";
  return { ...line, low: step, step: high === UNBOUNDED ? 2 * step : (step + high) / 2 };
}

function accept(state: LbfgsState, f: number, g: Float32Array, curvature: Curvature): LbfgsState {
  const { at, options } = state as LbfgsState & { at: NonNullable<LbfgsState["at"]> };
  const pairs = withPair(state.pairs, difference(state.trial, at.x), difference(g, at.g));
  const iterations = state.iterations + 1;
  const next = { ...state, iterations, pairs: pairs.slice(-options.memory), at: { x: state.trial, f, g } };
  // What no state refers to any more; steps are not among it, since fits that began from this one share them.
  for (const { y } of pairs.slice(0, -options.memory)) release(y);
  if (state.line) release(state.line.direction);
  release(at.g);
  if (state.iterations > 0) release(at.x); // the first point is the caller's
  const decrease = (at.f - f) / Math.max(Math.abs(f), 1e-8);
  const shortSteps = decrease <= options.decreaseTolerance ? state.shortSteps + 1 : 0;
  const told = { ...next, decrease, shortSteps };
  return shortSteps >= (options.patience ?? 1) ? stopAt(told, state.trial) : nextLine(told, curvature);
}

function nextLine(state: LbfgsState, curvature: Curvature): LbfgsState {
  const { at, options, iterations } = state as LbfgsState & { at: NonNullable<LbfgsState["at"]> };
  if (isFlat(at.g, options.gradientTolerance) || iterations >= options.maxIterations) return stopAt(state, at.x);
  if (options.target !== undefined && at.f <= options.target) return stopAt(state, at.x);
  const direction = quasiNewtonDirection(at.g, state.pairs, curvature);
  const slope = dot(at.g, direction);
  if (!(slope < 0)) return stopAt(state, at.x);
  // Without curvature the gradient says where, not how far: one unit of distance, and the search doubles from there.
  const step = state.pairs.length > 0 ? 1 : curvature ? (options.firstStep ?? 1) : 1 / Math.sqrt(-slope);
  return search(state, { direction, slope, step, low: 0, high: UNBOUNDED, tries: 0 });
}

/** Ends where it has come to, whatever the tolerances say. */
export const settle = (state: LbfgsState): LbfgsState =>
  state.at ? stopAt(state, state.at.x) : { ...state, done: true };

function search(state: LbfgsState, line: Line): LbfgsState {
  const { x } = state.at as NonNullable<LbfgsState["at"]>;
  return { ...state, line, trial: combination([x, line.direction], [1, line.step]) };
}

function stopAt(state: LbfgsState, x: Float32Array): LbfgsState {
  return { ...state, trial: x, done: true, line: null };
}

/**
 * −H·g by the two-loop recursion, of which a loop is one product with all vectors and one sum of them: what a pair's vectors
 * are to one another is known. The first curvature is scaled to agree with the last pair.
 */
function quasiNewtonDirection(g: Float32Array, pairs: readonly Pair[], curvature: Curvature): Float32Array {
  const [steps, differences] = [pairs.map(({ s }) => s), pairs.map(({ y }) => y)];
  const alphas = alphasOf(pairs, dots(steps, g));
  const q = combination([g, ...differences], [-1, ...alphas.map((alpha) => -alpha)]);
  const r = curvature ? curvature(q) : q;
  const scale = scaleOf(pairs.at(-1), curvature);
  const factors = stepFactors(pairs, alphas, dots(differences, r), scale);
  const direction = combination([r, ...steps], [scale, ...factors]);
  for (const spent of new Set([q, r])) release(spent);
  return direction;
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
  const seen = curvature ? dot(last.y, curvature(last.y)) : last.length;
  // A guess that rounding has made indefinite along the last pair says nothing about scale.
  return seen > 0 ? 1 / (last.rho * seen) : 1;
}

const difference = (a: Float32Array, b: Float32Array): Float32Array => combination([a, b], [1, -1]);

/** Whether no component is larger: mostly the first few tell. */
const isFlat = (values: Float32Array, tolerance: number): boolean =>
  values.every((value) => Math.abs(value) <= tolerance);
