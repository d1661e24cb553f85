// The path of strengths and the final fit: the selected strength, the rows that decide it, and the optimum.
import { describe, expect, it } from "vitest";
import { WORK } from "../../../src/core/work.ts";
import { type Checkpoint, startTraining } from "../../../src/engine/checkpoint.ts";
import type { RowPart } from "../../../src/engine/data/blocks.ts";
import { roughly } from "../../../src/engine/fit-settings.ts";
import { encodeTrainedHead } from "../../../src/engine/heads/trained-head.ts";
import { type LbfgsState, startLbfgs } from "../../../src/engine/optimisers/lbfgs.ts";
import { beginFitSums, evaluate } from "../../../src/engine/passes/objective.ts";
import { endStrength } from "../../../src/engine/passes/path.ts";
import { type PlanRequest, planTraining } from "../../../src/engine/plan.ts";
import { blocksIn, labelNames, memoryBlocks, outcomeOn, planOn, train } from "../../support/blocks.ts";
import { gradientDescent, objectiveOf } from "../../support/gradient-descent.ts";
import { clusterBlocks } from "../../support/samples.ts";

const [DIMS, CLASSES, ROWS] = [6, 3, 200];
const FOLDS = [0, 1, 2, 3, 4];
const blocks = (spread = 2) => clusterBlocks(DIMS, CLASSES, spread);
const planFor = (more: Partial<PlanRequest> = {}) => planOn(blocks(), labelNames(CLASSES), more);

describe("the final fit", () => {
  it.each([1, 5])("reaches the result of long gradient descent on all folds, after %i rounds", async (rounds) => {
    const l2 = 0.01;
    const { final } = await outcomeOn(planFor({ rounds, options: { l2 } }), blocks());
    const held = rounds === 1 ? 40 : ROWS / 5;
    const problem = await objectiveOf(blocks(), FOLDS, final.scaler, (l2 * (ROWS - held)) / ROWS, CLASSES);
    const reference = gradientDescent(problem, 20_000);
    const [layer] = final.layers;
    const ours = problem.value(layer?.weights ?? [], layer?.bias ?? []);
    expect(ours).toBeGreaterThanOrEqual(reference.value - 1e-4);
    expect(ours).toBeLessThan(reference.value * 1.002);
  });

  it("is the same for any block order of the same rows, to float32's precision", async () => {
    const joined = await Promise.all(
      FOLDS.map(async (fold) => {
        const all = await blocksIn(blocks(), [fold]);
        const features = Float32Array.from(all.flatMap((block) => [...(block.features as Float32Array)]));
        const targets = Int32Array.from(all.flatMap((block) => [...block.targets]));
        return [{ rows: targets.length, features, targets }];
      }),
    );
    const one = await outcomeOn(planFor(), memoryBlocks({ dims: DIMS, folds: joined }));
    const many = await outcomeOn(planFor(), blocks());
    expect(one.recipe.l2).toBe(many.recipe.l2);
    const losses = [one, many].map(({ metrics }) => (metrics.validation as { log_loss: number }).log_loss);
    expect(losses[0]).toBeCloseTo(losses[1] as number, 3);
  });

  it("does not depend on the test rows, and neither do the scaler and the selection", async () => {
    const other = clusterBlocks(DIMS, CLASSES, 9, 5);
    const own = blocks();
    const load = (part: RowPart, index: number) => (part === "test" ? other : own).load(part, index);
    const [before, after] = [await outcomeOn(planFor(), blocks()), await outcomeOn(planFor(), { ...own, load })];
    expect(after.metrics.test).not.toEqual(before.metrics.test);
    expect(after.final).toEqual(before.final);
    expect(after.metrics.validation).toEqual(before.metrics.validation);
  });
});

describe("cross-validation over all folds", () => {
  it("scores every row by a model that did not see it", async () => {
    // Labels are random, so only a model that has seen them can be better than chance.
    const dims = 120;
    const random = clusterBlocks(dims, 2, 1e6);
    const options = { l2: 1e-4 };
    const five = await outcomeOn(planOn(random, labelNames(2), { options }), clusterBlocks(dims, 2, 1e6));
    const { examples, accuracy } = five.metrics.validation as { examples: number; accuracy: number };
    expect(examples).toBe(ROWS);
    expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.12);
    expect(five.selected).toHaveLength(5);
  });

  it("holds out only the first fold if there is one round, and computes the metrics from it", async () => {
    const { metrics, selected, outOfFold } = await outcomeOn(planFor({ rounds: 1 }), blocks());
    expect(metrics.validation.examples).toBe(40);
    expect(selected).toHaveLength(1);
    expect([...(outOfFold?.best ?? [])].every((best) => best >= 0)).toBe(true);
  });

  it("gives each round the model that a training with only that round gives", async () => {
    // Fold 2 comes first and is therefore held out, so that both trainings fit the same rows.
    const options = { l2: 0.01 };
    const turned = [2, 0, 1, 3, 4];
    const original = blocks();
    const folds = turned.map((fold) => original.folds[fold] as number[]);
    const load = (part: RowPart, index: number) =>
      original.load(part === "test" ? part : (turned[part] as number), index);
    const alone = { ...original, folds, load };
    const five = await outcomeOn(planFor({ options }), blocks());
    const one = await outcomeOn(planOn(alone, labelNames(CLASSES), { rounds: 1, options }), alone);
    const [ours, theirs] = [five.selected[2], one.selected[0]].map((head) => head?.layers[0]?.weights ?? []);
    ours?.forEach((weight, i) => {
      expect(weight).toBeCloseTo(theirs?.[i] as number, 2);
    });
  });

  it("stores the scores behind the metrics for every row", async () => {
    const { outOfFold, metrics } = await outcomeOn(planFor(), blocks());
    const targets = (await blocksIn(blocks(), FOLDS)).flatMap((block) => [...block.targets]);
    const hits = targets.filter((label, i) => outOfFold?.best[i] === label).length;
    const { accuracy, log_loss } = metrics.validation as { accuracy: number; log_loss: number };
    expect(hits / ROWS).toBe(accuracy);
    const scores = [...(outOfFold?.trueScore ?? [])];
    expect(scores.reduce((sum, p) => sum - Math.log(p), 0) / ROWS).toBeCloseTo(log_loss, 5);
  });
});

describe("the path of strengths", () => {
  it("starts at the strongest, and selects the best by held-out loss", async () => {
    const { path, l2 } = (await outcomeOn(planFor(), blocks())).recipe;
    expect(path.length).toBeGreaterThan(1);
    expect(path.map((trial) => trial.l2)).toEqual(path.map((trial) => trial.l2).sort((a, b) => b - a));
    const best = Math.min(...path.map((trial) => trial.log_loss));
    expect(path.find((trial) => trial.log_loss === best)?.l2).toBe(l2);
  });

  it("selects the strength that is most often exactly right among those whose loss is not distinguishable from the best", () => {
    const scores = [0.5, 0.401, 0.4, 0.403, 0.405];
    const exact = [0.99, 0.9, 0.85, 0.91, 0.95];
    const plan = planFor({ foldRows: [1e6, 1e6] });
    const end = (metric: typeof plan.metric, foldRows: readonly number[] = plan.foldRows) =>
      scores.reduce(
        (state, score, i) => endStrength(state, { score, log_loss: score, exact: exact[i] as number }),
        startTraining({ ...plan, metric, foldRows }),
      ).selected?.score;
    expect(end("log_loss")).toBe(0.403);
    expect(end("log_loss", [500, 500])).toBe(0.4);
    expect(end("macro_f1")).toBe(0.4);
  });

  it.each(["accuracy", "macro_f1"] as const)("is scored by %s if the caller requests it", async (metric) => {
    const { trials, selected } = await train(planFor({ options: { metric } }), blocks());
    const best = Math.min(...trials.map(({ score }) => score));
    expect(selected?.score).toBe(best);
    expect(trials.find(({ score }) => score === best)?.l2).toBe(selected?.l2);
    expect(trials.every(({ score }) => score >= 0 && score <= 1)).toBe(true);
  });

  it("is a single strength if the caller gave one", async () => {
    const { path, l2 } = (await outcomeOn(planFor({ options: { l2: 0.5 } }), blocks())).recipe;
    expect(path.map((trial) => trial.l2)).toEqual([0.5]);
    expect(l2).toBe(0.5);
  });

  it("starts at a weaker strength if rows outweigh the prior", () => {
    const first = (rows: number): number => {
      const common = { task: "classification", recipe: "linear", dims: 4, labels: ["a", "b"], seed: 0 } as const;
      return planTraining({ ...common, foldRows: [rows], rounds: 1 }).path[0] as number;
    };
    expect(first(100)).toBe(1);
    expect(first(100_000)).toBeCloseTo(0.01);
  });

  it("takes no more iterations per fit than the caller allows", async () => {
    const { path } = (await outcomeOn(planFor({ options: { max_iterations: 1 } }), blocks())).recipe;
    expect(Math.max(...path.map((trial) => trial.evaluations))).toBeLessThan(12 * 5);
  });
});

describe("max_seconds_of_work", () => {
  const within = (operations: number) => ({ options: { max_seconds_of_work: operations / WORK.perSecond } });

  it("ends the search early with a working head", async () => {
    const whole = await train(planFor(), blocks(0.5));
    const cut = await outcomeOn(planFor(within(whole.work / 4)), blocks(0.5));
    expect(cut.recipe.path.length).toBeLessThan(whole.trials.length);
    expect((cut.metrics.validation as { accuracy: number }).accuracy).toBeGreaterThan(0.9);
    expect(cut.metrics.validation.examples).toBe(ROWS);
  });

  it("ends the search at once, and still with a version, if it permits almost no work", async () => {
    const cut = await outcomeOn(planFor(within(1)), blocks(0.5));
    expect(cut.recipe.path).toHaveLength(1);
    expect(Object.values(cut.metrics.validation).filter((value) => Number.isNaN(value))).toEqual([]);
    expect(cut.final.layers[0]?.weights.every(Number.isFinite)).toBe(true);
  });

  it("changes no bit if it permits more work than needed", async () => {
    const [free, bound] = [await outcomeOn(planFor(), blocks()), await outcomeOn(planFor(within(1e15)), blocks())];
    expect(encodeTrainedHead(bound.final)).toEqual(encodeTrainedHead(free.final));
  });
});

describe("a target that a fit reaches with 16-bit products", () => {
  const dense = startTraining(planFor());
  const sparse = { ...dense, scaler: { sparse: true } } as Checkpoint;
  const start = startLbfgs(beginFitSums(dense).part.values, { ...roughly(dense.plan), target: 1 });

  /** The state after an evaluation with the value `loss` and a gradient that is not zero. */
  function told(state: Checkpoint, optimiser: LbfgsState, loss: number): LbfgsState {
    const sums = beginFitSums(state);
    sums.gradient.fill(0.1);
    return evaluate(state, optimiser, { ...sums, loss, rows: 1 }, 0);
  }

  it("counts as reached once exact products confirm it at the same point", () => {
    const once = told(dense, start, 0.5);
    expect([once.done, once.at, once.trial]).toEqual([false, null, start.trial]);
    expect([told(dense, once, 0.5).done, told(dense, once, 1.5).done]).toEqual([true, false]);
  });

  it("counts as reached at once if products are exact, as they always are for sparse rows", () => {
    expect([told(sparse, start, 0.5).done, told(sparse, start, 1.5).done]).toEqual([true, false]);
  });
});
