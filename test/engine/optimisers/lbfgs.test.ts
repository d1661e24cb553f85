// The optimiser on objectives with a known optimum.
import { describe, expect, it } from "vitest";
import { releaseUnused } from "../../../src/core/release.ts";
import { continueLbfgs, restartLbfgs } from "../../../src/engine/optimisers/l2-change.ts";
import {
  isHesitating,
  isReached,
  type LbfgsState,
  restate,
  startLbfgs,
  stopAtAccepted,
  withEvaluation,
} from "../../../src/engine/optimisers/lbfgs.ts";
import type { Curvature } from "../../../src/engine/optimisers/quasi-newton.ts";
import { normals, seededRandom } from "../../support/random.ts";

const OPTIONS = { gradientTolerance: 1e-4, decreaseTolerance: 0, maxIterations: 500, memory: 8 };

interface Objective {
  value(x: Float32Array): number;
  gradient(x: Float32Array): Float32Array;
}

/** ½ Σ aᵢ(xᵢ − tᵢ)² + strength/2 · Σ xᵢ² over the first `regularised`. */
function bowl(a: Float32Array, t: Float32Array, strength = 0, regularised = a.length): Objective {
  const terms = (x: Float32Array, term: (x: number, i: number) => number) => Float64Array.from(x, term);
  const l2 = (i: number): number => (i < regularised ? strength : 0);
  const at = (values: Float32Array, i: number): number => values[i] as number;
  return {
    value: (x) => terms(x, (v, i) => (at(a, i) * (v - at(t, i)) ** 2 + l2(i) * v * v) / 2).reduce((p, q) => p + q, 0),
    gradient: (x) => Float32Array.from(x, (v, i) => at(a, i) * (v - at(t, i)) + l2(i) * v),
  };
}

const isOpen = (state: LbfgsState): boolean => !state.done;

function minimise(from: LbfgsState, { value, gradient }: Objective, curvature: Curvature = null): LbfgsState {
  let state = from;
  while (isOpen(state)) state = withEvaluation(state, value(state.trial), gradient(state.trial), curvature);
  return state;
}

/** Curvatures from 1 to 1,000: a valley as narrow as Rosenbrock's, but convex. float32 cannot distinguish more. */
const CURVATURES = Float32Array.from({ length: 21 }, (_, i) => 10 ** (3 * (i / 20)));
const TARGET = normals(seededRandom(4), CURVATURES.length);

const gapTo = (x: Float32Array, target: (i: number) => number): number =>
  x.reduce((gap, value, i) => Math.max(gap, Math.abs(value - target(i))), 0);

describe("a minimisation", () => {
  it("finds the bottom of a valley that is 1,000 times as steep across as along", () => {
    const ended = minimise(startLbfgs(new Float32Array(CURVATURES.length), OPTIONS), bowl(CURVATURES, TARGET));
    expect(gapTo(ended.trial, (i) => TARGET[i] as number)).toBeLessThan(1e-4);
    expect(ended.evaluations).toBeLessThan(200);
  });

  it("reports the value and the gradient at its last point", () => {
    const objective = bowl(CURVATURES, TARGET);
    const ended = minimise(startLbfgs(new Float32Array(CURVATURES.length), OPTIONS), objective);
    expect(ended.at?.x).toEqual(ended.trial);
    expect(ended.at?.f).toBe(objective.value(ended.trial));
    expect(ended.at?.g).toEqual(objective.gradient(ended.trial));
  });

  it("never accepts a point that is worse than the previous one", () => {
    const { value, gradient } = bowl(CURVATURES, TARGET);
    const accepted: number[] = [];
    let state = startLbfgs(normals(seededRandom(1), CURVATURES.length, 100), OPTIONS);
    while (isOpen(state)) {
      state = withEvaluation(state, value(state.trial), gradient(state.trial));
      if (state.at && state.at.f !== accepted.at(-1)) accepted.push(state.at.f);
    }
    expect(accepted.length).toBeGreaterThan(5);
    expect(accepted).toEqual([...accepted].sort((a, b) => b - a));
  });

  it("ends at once if it starts at an optimum", () => {
    const ended = minimise(startLbfgs(TARGET, OPTIONS), bowl(CURVATURES, TARGET));
    expect([ended.evaluations, ended.iterations]).toEqual([1, 0]);
    expect(ended.trial).toEqual(TARGET);
  });

  it("ends after the given number of iterations", () => {
    const few = { ...OPTIONS, maxIterations: 3 };
    const ended = minimise(startLbfgs(new Float32Array(CURVATURES.length), few), bowl(CURVATURES, TARGET));
    expect(ended.iterations).toBe(3);
  });

  it.each([1, 2, 4])("ends after %i short steps in a row", (patience) => {
    const everyStepIsShort = { ...OPTIONS, decreaseTolerance: Number.MAX_VALUE, patience };
    const ended = minimise(startLbfgs(new Float32Array(CURVATURES.length), everyStepIsShort), bowl(CURVATURES, TARGET));
    expect(ended.iterations).toBe(patience);
  });

  it("keeps no more pairs than its memory allows", () => {
    const small = { ...OPTIONS, memory: 2 };
    const ended = minimise(startLbfgs(new Float32Array(CURVATURES.length), small), bowl(CURVATURES, TARGET));
    expect(ended.pairs).toHaveLength(2);
    expect(gapTo(ended.trial, (i) => TARGET[i] as number)).toBeLessThan(1e-3);
  });

  it("ends at its current point if the objective is not a number", () => {
    const nothing = { value: () => Number.NaN, gradient: (x: Float32Array) => x.map(() => Number.NaN) };
    const ended = minimise(startLbfgs(TARGET, OPTIONS), nothing);
    expect(ended.trial).toEqual(TARGET);
  });

  it("takes the same steps, bit for bit, every time", () => {
    const run = () => minimise(startLbfgs(new Float32Array(CURVATURES.length), OPTIONS), bowl(CURVATURES, TARGET));
    expect(run()).toEqual(run());
  });

  it("does not modify the caller's point or its learnt pairs, although it consumes its states", () => {
    const from = normals(seededRandom(1), CURVATURES.length);
    const copy = from.slice();
    const ended = minimise(startLbfgs(from, OPTIONS), bowl(CURVATURES, TARGET));
    expect(from).toEqual(copy);
    const { trial, pairs } = structuredClone(ended);
    minimise(continueLbfgs(ended, { strength: 5, regularised: 21 }), bowl(CURVATURES, TARGET, 5));
    minimise(restartLbfgs(ended, from, { strength: 5, regularised: 21 }, OPTIONS), bowl(CURVATURES, TARGET, 5));
    expect(ended.trial).toEqual(trial);
    expect(ended.pairs).toEqual(pairs);
  });
});

describe("a continuation after a change of the l2 term", () => {
  const regularised = CURVATURES.length - 3;
  const start = startLbfgs(new Float32Array(CURVATURES.length), OPTIONS);
  const ended = minimise(start, bowl(CURVATURES, TARGET, 10, regularised));
  const changed = bowl(CURVATURES, TARGET, 1, regularised);
  const change = { strength: 1 - 10, regularised };

  it("corrects the objective at the current point without evaluating it", () => {
    const next = continueLbfgs(ended, change);
    expect(next.evaluations).toBe(0);
    expect(next.at?.f).toBeCloseTo(changed.value(ended.trial), 4);
    const gap = gapTo(next.at?.g as Float32Array, (i) => changed.gradient(ended.trial)[i] as number);
    expect(gap).toBeLessThan(1e-4);
  });

  it("corrects the curvature along every step that was taken", () => {
    const next = continueLbfgs(ended, change);
    next.pairs.forEach(({ s, y }) => {
      const exact = Float32Array.from(s, (v, i) => ((CURVATURES[i] as number) + (i < regularised ? 1 : 0)) * v);
      expect(gapTo(y, (i) => exact[i] as number)).toBeLessThan(1e-3);
    });
  });

  it("ends where a new start on the changed objective ends, in fewer evaluations", () => {
    const continued = minimise(continueLbfgs(ended, change), changed);
    const fresh = minimise(start, changed);
    const optimum = (i: number): number => {
      const a = CURVATURES[i] as number;
      return (a * (TARGET[i] as number)) / (a + (i < regularised ? 1 : 0));
    };
    expect(gapTo(continued.trial, optimum)).toBeLessThan(1e-4);
    expect(gapTo(fresh.trial, optimum)).toBeLessThan(1e-4);
    expect(continued.evaluations).toBeLessThan(fresh.evaluations);
  });

  it("gives the same bits if the arrays that only the old fit holds are freed", () => {
    const before = structuredClone(ended);
    const next = continueLbfgs(before, change);
    releaseUnused(before, next);
    expect(before.pairs.map(({ y }) => y.length)).toEqual(before.pairs.map(() => 0));
    expect(minimise(next, changed)).toEqual(minimise(continueLbfgs(ended, change), changed));
  });

  it("may restart from another point with the learnt curvature", () => {
    const restarted = restartLbfgs(ended, new Float32Array(CURVATURES.length), change, OPTIONS);
    expect(restarted).toMatchObject({ evaluations: 0, at: null, done: false });
    expect(restarted.pairs.length).toBeGreaterThan(0);
    const end = minimise(restarted, changed);
    expect(changed.value(end.trial)).toBeCloseTo(changed.value(minimise(start, changed).trial), 5);
  });
});

describe("an initial curvature", () => {
  const zeros = new Float32Array(CURVATURES.length);
  const exact: Curvature = (gradient) => gradient.map((value, i) => value / (CURVATURES[i] as number));

  it("needs one step if it is exact", () => {
    const ended = minimise(startLbfgs(zeros, OPTIONS), bowl(CURVATURES, TARGET), exact);
    expect(ended.evaluations).toBeLessThanOrEqual(3);
    expect(gapTo(ended.trial, (i) => TARGET[i] as number)).toBeLessThan(1e-4);
  });

  it("does not change the result if it is wrong by a factor, or in every component", () => {
    const random = seededRandom(8);
    const rough = CURVATURES.map((value) => value * 2 ** random.normal());
    for (const guess of [exact, (g: Float32Array) => g.map((value, i) => (50 * value) / (rough[i] as number))]) {
      const ended = minimise(startLbfgs(zeros, OPTIONS), bowl(CURVATURES, TARGET), guess);
      expect(gapTo(ended.trial, (i) => TARGET[i] as number)).toBeLessThan(1e-3);
    }
  });

  it("saves evaluations compared with none", () => {
    const random = seededRandom(8);
    const rough = CURVATURES.map((value) => value * 2 ** (0.3 * random.normal()));
    const guess: Curvature = (gradient) => gradient.map((value, i) => value / (rough[i] as number));
    const objective = bowl(CURVATURES, TARGET);
    const guided = minimise(startLbfgs(zeros, OPTIONS), objective, guess);
    expect(guided.evaluations).toBeLessThan(minimise(startLbfgs(zeros, OPTIONS), objective).evaluations / 2);
  });

  it("ends the search at the current point, instead of climbing, if it is indefinite", () => {
    const wrong: Curvature = (gradient) => gradient.map((value) => -value);
    const ended = minimise(startLbfgs(zeros, OPTIONS), bowl(CURVATURES, TARGET), wrong);
    expect(ended).toMatchObject({ done: true, evaluations: 1 });
    expect(ended.trial).toEqual(zeros);
  });
});

describe("an early end", () => {
  const start = (target?: number) => startLbfgs(new Float32Array(CURVATURES.length), { ...OPTIONS, target });
  const objective = bowl(CURVATURES, TARGET);

  it("happens as soon as the objective is no higher than the target", () => {
    const whole = minimise(start(), objective);
    const cut = minimise(start(10), objective);
    expect(cut.at?.f).toBeLessThanOrEqual(10);
    expect(cut.evaluations).toBeLessThan(whole.evaluations);
  });

  it("returns to the best known point when it is settled in the middle of a line search", () => {
    let state = start();
    while (isOpen(state) && !(state.iterations > 2 && (state.line?.tries ?? 0) > 0)) {
      state = withEvaluation(state, objective.value(state.trial), objective.gradient(state.trial));
    }
    const settled = stopAtAccepted(state);
    expect(settled.done).toBe(true);
    expect(settled.trial).toEqual(state.at?.x);
    expect(objective.value(settled.trial)).toBe(settled.at?.f);
  });

  it("stays at the start before the first evaluation", () => {
    expect(stopAtAccepted(start())).toMatchObject({
      done: true,
      evaluations: 0,
      trial: new Float32Array(CURVATURES.length),
    });
  });
});

describe("a search on an objective that is rounded", () => {
  const start = startLbfgs(new Float32Array(CURVATURES.length), OPTIONS);
  const objective = bowl(CURVATURES, TARGET);

  /** A search at an optimum, up to the last digits: every other point seems higher by a millionth. */
  function atRoughOptimum(tries: number): LbfgsState {
    let state = withEvaluation(
      startLbfgs(TARGET, OPTIONS),
      1,
      TARGET.map(() => 1e-3),
    );
    for (let i = 0; i < tries; i++)
      state = withEvaluation(
        state,
        1 + 1e-6,
        TARGET.map(() => 1e-3),
      );
    return state;
  }

  it("hesitates after two tries that are slightly worse, but not after one, and not if they are far worse", () => {
    expect([0, 1, 2, 3].map((tries) => isHesitating(atRoughOptimum(tries), 1 + 1e-6, 1e-4))).toEqual([
      ...[false, false, true, true],
    ]);
    expect(isHesitating(atRoughOptimum(2), 1.1, 1e-4)).toBe(false);
  });

  it("evaluates the current point again, and continues to the same optimum", () => {
    let state = start;
    while (state.iterations < 4)
      state = withEvaluation(state, objective.value(state.trial) * 1.001, objective.gradient(state.trial));
    const again = restate(state);
    expect([again.trial, again.pairs]).toEqual([state.at?.x, state.pairs]);
    const ended = minimise(again, objective);
    expect(gapTo(ended.trial, (i) => TARGET[i] as number)).toBeLessThan(1e-4);
    expect(ended.at?.f).toBe(objective.value(ended.trial));
  });

  it("does not hesitate after such a restart, because there may be no lower point", () => {
    const again = restate(atRoughOptimum(2));
    const worse = TARGET.map(() => 1e-3);
    const tried = [1, 1 + 1e-6, 1 + 1e-6].reduce((state, f) => withEvaluation(state, f, worse.slice()), again);
    expect(tried.line?.tries).toBe(2);
    expect(isHesitating(tried, 1 + 1e-6, 1e-4)).toBe(false);
  });

  it("continues if the objective at the point seemed to reach the target but did not", () => {
    const reaching = startLbfgs(new Float32Array(CURVATURES.length), { ...OPTIONS, target: 10 });
    const toldLow = minimise(reaching, { ...objective, value: (x) => objective.value(x) - 20 });
    expect(isReached(toldLow)).toBe(true);
    expect(objective.value(toldLow.trial)).toBeGreaterThan(10);
    const ended = minimise(restate(toldLow), objective);
    expect([isReached(ended), ended.at?.f]).toEqual([true, objective.value(ended.trial)]);
  });

  it("does not change before it has a point", () => {
    expect([restate(start), isReached(start)]).toEqual([start, false]);
  });
});
