// Limited-memory BFGS (Nocedal & Wright 2006, algorithm 7.4) with a weak-Wolfe bisection line search (Lewis & Overton 2013).
// Inverted control: the caller evaluates `trial` and passes the result to `withEvaluation`, so it can stop and resume anywhere.
import { release } from "../../core/release.ts";
import { combination, combineInto, dot } from "../../tensor/vectors.ts";
import { type Curvature, type Pair, quasiNewtonDirection, withPair } from "./quasi-newton.ts";

export interface LbfgsOptions {
  /** Stop when no component of the gradient is larger. */
  readonly gradientTolerance: number;
  /** Stop when accepted steps reduce the objective by less than this share of it. */
  readonly decreaseTolerance: number;
  /**
   * Number of consecutive steps below that tolerance before stopping: a single short step may be chance in the middle of a
   * descent. Absent: 1.
   */
  readonly patience?: number | undefined;
  readonly maxIterations: number;
  /** Number of pairs (step, gradient difference) kept. */
  readonly memory: number;
  /** Share of the step from the initial curvature that is tried before any pair exists. Absent: 1. */
  readonly firstStep?: number | undefined;
  /** Whether only this fit uses the steps of its initial pairs, so that it may release them. Absent: false. */
  readonly ownsSteps?: boolean | undefined;
  /** Stop as soon as the objective is no higher, whatever the tolerances are. */
  readonly target?: number | undefined;
}

/** Plain data, which a checkpoint can store. */
export interface LbfgsState {
  readonly options: LbfgsOptions;
  /** The next point to evaluate; the final point once `done`. Then `at` and `pairs` describe that point. */
  readonly trial: Float32Array;
  readonly done: boolean;
  /** Relative decrease of the objective by the last accepted step; null before the first. */
  readonly decrease: number | null;
  /** Consecutive accepted steps with a decrease below the tolerance. */
  readonly shortSteps: number;
  readonly evaluations: number;
  readonly iterations: number;
  /** The last accepted point; null before the first evaluation. */
  readonly at: { readonly x: Float32Array; readonly f: number; readonly g: Float32Array } | null;
  readonly pairs: readonly Pair[];
  /** The current line search: `step` lies between `low` and `high`. */
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
/** No upper bound found yet. JSON has no infinity. */
const UNBOUNDED = Number.MAX_VALUE;
const MAX_LINE_EVALUATIONS = 25;

/** Starts at `x`, which the state keeps: do not change it afterwards. */
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

/** The state after evaluating the objective `f` and gradient `g` at `state.trial`. The old state must not be used again. */
export function withEvaluation(
  before: LbfgsState,
  f: number,
  g: Float32Array,
  curvature: Curvature = null,
): LbfgsState {
  const state = { ...before, evaluations: before.evaluations + 1 };
  if (!state.at || !state.line) return nextLine({ ...state, at: { x: state.trial, f, g } }, curvature);
  const line = narrow(state.line, f, dot(g, state.line.direction), state.at.f);
  if (line === "accept") return accept(state, f, g, curvature);
  for (const spent of [g, state.trial]) release(spent);
  // Rounding hides any further decrease: the last accepted point is the best that float32 can find.
  if (line.tries >= MAX_LINE_EVALUATIONS) return stopAt(state, state.at.x);
  return search(state, line);
}

/** Applies the weak Wolfe conditions to a step: accepts it, or returns a smaller or later interval. */
function narrow(before: Line, f: number, slope: number, f0: number): Line | "accept" {
  const { step, low, high } = before;
  const line = { ...before, tries: before.tries + 1 };
  if (!(f <= f0 + SUFFICIENT_DECREASE * step * line.slope)) return { ...line, high: step, step: (low + step) / 2 };
  if (slope >= CURVATURE * line.slope) return "accept";
  return { ...line, low: step, step: high === UNBOUNDED ? 2 * step : (step + high) / 2 };
}

function accept(state: LbfgsState, f: number, g: Float32Array, curvature: Curvature): LbfgsState {
  const { at, options } = state as LbfgsState & { at: NonNullable<LbfgsState["at"]> };
  const pairs = withPair(
    state.pairs,
    differenceInto(state.line?.direction, state.trial, at.x),
    differenceInto(at.g, g, at.g),
  );
  const iterations = state.iterations + 1;
  const next = { ...state, iterations, pairs: pairs.slice(-options.memory), at: { x: state.trial, f, g } };
  for (const { s, y } of pairs.slice(0, -options.memory)) {
    release(y);
    if (options.ownsSteps) release(s);
  }
  if (state.iterations > 0) release(at.x);
  const decrease = (at.f - f) / Math.max(Math.abs(f), 1e-8);
  const shortSteps = decrease <= options.decreaseTolerance ? state.shortSteps + 1 : 0;
  const told = { ...next, decrease, shortSteps };
  return shortSteps >= (options.patience ?? 1) ? stopAt(told, state.trial) : nextLine(told, curvature);
}

export function nextLine(state: LbfgsState, curvature: Curvature): LbfgsState {
  const { at, options, iterations } = state as LbfgsState & { at: NonNullable<LbfgsState["at"]> };
  if (isFlat(at.g, options.gradientTolerance) || iterations >= options.maxIterations) return stopAt(state, at.x);
  if (isReached(state)) return stopAt(state, at.x);
  const direction = quasiNewtonDirection(at.g, state.pairs, curvature);
  const slope = dot(at.g, direction);
  if (!(slope < 0)) return stopAt(state, at.x);
  // Without curvature the gradient gives only a direction. Try one unit of distance; the search doubles it if needed.
  const step = state.pairs.length > 0 ? 1 : curvature ? (options.firstStep ?? 1) : 1 / Math.sqrt(-slope);
  return search(state, { direction, slope, step, low: 0, high: UNBOUNDED, tries: 0 });
}

export const isReached = ({ at, options: { target } }: LbfgsState): boolean =>
  at !== null && target !== undefined && at.f <= target;

/**
 * Whether at least two steps on the line were too long, and the last, with value `f`, differs from the value at the start of
 * the line by at most this share. False right after a restart from a restated point.
 */
export const isHesitating = ({ line, at, decrease }: LbfgsState, f: number, share: number): boolean =>
  line !== null && at !== null && line.tries >= 2 && decrease !== 0 && Math.abs(f - at.f) <= share * Math.abs(at.f);

/**
 * Goes back to the last accepted point, so that the caller can evaluate it again with higher precision. The old state must not
 * be used again.
 */
export function restate(state: LbfgsState): LbfgsState {
  const { at, line, trial } = state;
  if (!at) return state;
  for (const spent of [at.g, line?.direction, trial === at.x ? undefined : trial]) if (spent) release(spent);
  return { ...state, trial: at.x, done: false, at: null, line: null, decrease: 0 };
}

/** Ends at the last accepted point, whatever the tolerances are. */
export const stopAtAccepted = (state: LbfgsState): LbfgsState =>
  state.at ? stopAt(state, state.at.x) : { ...state, done: true };

function search(state: LbfgsState, line: Line): LbfgsState {
  const { x } = state.at as NonNullable<LbfgsState["at"]>;
  return { ...state, line, trial: combination([x, line.direction], [1, line.step]) };
}

function stopAt(state: LbfgsState, x: Float32Array): LbfgsState {
  return { ...state, trial: x, done: true, line: null };
}

/** a − b, written to `out` where given. */
const differenceInto = (out: Float32Array | undefined, a: Float32Array, b: Float32Array): Float32Array =>
  combineInto(out ?? new Float32Array(a.length), [a, b], [1, -1]);

/**
 * Whether the magnitude of every component is within `tolerance`. The first few usually decide. A plain loop: near the end of a
 * fit, a closure would take a millisecond.
 */
function isFlat(values: Float32Array, tolerance: number): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i] as number) <= tolerance)) return false;
  return true;
}
