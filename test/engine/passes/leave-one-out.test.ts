// Leave-one-out in closed form, compared with one refit per row without that row.
import { describe, expect, it } from "vitest";
import type { RegressionMetrics } from "../../../src/contract/metrics.ts";
import type { Scaler } from "../../../src/engine/heads/scaler.ts";
import { outcomeOfTraining } from "../../../src/engine/outcome.ts";
import { dealtBlocks, type MemoryBlocks, outcomeOn, planOn, train } from "../../support/blocks.ts";
import { normals, seededRandom } from "../../support/random.ts";
import { leftOut, predicted, ridge } from "../../support/ridge.ts";

interface Sample {
  readonly x: readonly Float32Array[];
  readonly y: readonly number[];
}

/** A plane with `noise` and columns of different scales; with `signal` 0, random values. */
function sample(rows: number, dims: number, noise = 0.3, signal = 1): Sample {
  const random = seededRandom(rows * 1_000 + dims);
  const weights = normals(random, dims);
  const x = Array.from({ length: rows }, () => normals(random, dims).map((value, d) => value * (1 + (d % 3)) + d));
  const y = x.map((row) => {
    const along = row.reduce((sum, value, d) => sum + ((value - d) * (weights[d] as number)) / (1 + (d % 3)), 0);
    return 50 + 7 * (signal * along + noise * random.normal());
  });
  return { x, y };
}

const blocksOf = ({ x, y }: Sample): MemoryBlocks =>
  dealtBlocks(x[0]?.length ?? 0, x, (own) => Float32Array.from(own, (i) => y[i] as number));

const planFor = (data: Sample, l2?: number) =>
  planOn(blocksOf(data), [], { task: "regression", options: l2 === undefined ? {} : { l2 } });

/** Rows and values in units of the scaler. */
const scaled = ({ x, y }: Sample, { mean, inverse, target }: Scaler) => ({
  x: x.map((row) => Array.from(row, (value, d) => (value - (mean[d] as number)) * (inverse[d] as number))),
  y: y.map((value) => (value - target.mean) / target.deviation),
});

/** Root mean squared error of refits without each row, in the units of the values. */
function bruteForce(data: Sample, scaler: Scaler, l2: number): number {
  const { x, y } = scaled(data, scaler);
  const errors = leftOut({ x, y, strength: l2 * y.length }).map((value, i) => (value - (y[i] as number)) ** 2);
  return scaler.target.deviation * Math.sqrt(errors.reduce((a, b) => a + b, 0) / y.length);
}

const regression = (metrics: unknown): RegressionMetrics => metrics as RegressionMetrics;

describe("the error of every row by the model without that row", () => {
  it.each([1, 0.1, 0.001])("equals the error of refits without each row, at strength %f", async (l2) => {
    const data = sample(40, 5);
    const { metrics, final } = await outcomeOn(planFor(data, l2), blocksOf(data));
    const { rmse, examples } = regression(metrics.validation);
    expect(examples).toBe(40);
    expect(rmse / bruteForce(data, final.scaler, l2)).toBeCloseTo(1, 2);
  });

  it("equals the error of refits at every strength of the path, even weak ones", async () => {
    const data = sample(40, 5, 0.01);
    const { trials, scaler } = await train(planFor(data), blocksOf(data));
    expect(trials.length).toBeGreaterThan(8);
    for (const { l2, log_loss } of trials) {
      const rmse = Math.sqrt(log_loss) * (scaler?.target.deviation as number);
      expect(rmse / bruteForce(data, scaler as Scaler, l2), `at ${l2}`).toBeCloseTo(1, 1);
    }
  });

  // Weak strengths fit every row exactly. 1 − h once had a lower bound of a thousandth, so the error was nearly 0: the weakest
  // strength was selected, and random values had an R² of .998.
  it("is no smaller than the noise if there are fewer rows than dimensions", async () => {
    const data = sample(50, 200, 1, 0);
    const { r2 } = regression((await outcomeOn(planFor(data), blocksOf(data))).metrics.validation);
    expect(r2).toBeLessThan(0.1);
  });

  it("permits learning from fewer rows than dimensions if the features carry information", async () => {
    const data = sample(100, 120, 0.05);
    const { r2 } = regression((await outcomeOn(planFor(data), blocksOf(data))).metrics.validation);
    expect(r2).toBeGreaterThan(0.2);
    expect(r2).toBeLessThan(1);
  });

  it("is the error of the mean of the other rows if no feature varies", async () => {
    const data = { x: Array.from({ length: 10 }, () => Float32Array.of(3, 4)), y: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };
    const { rmse } = regression((await outcomeOn(planFor(data), blocksOf(data))).metrics.validation);
    const errors = data.y.map((value) => ((55 - value) / 9 - value) ** 2);
    expect(rmse).toBeCloseTo(Math.sqrt(errors.reduce((a, b) => a + b, 0) / 10), 2);
  });
});

describe("the model that serves", () => {
  it("is the ridge regression of all rows", async () => {
    const data = sample(60, 4);
    const { final } = await outcomeOn(planFor(data, 0.01), blocksOf(data));
    const { x, y } = scaled(data, final.scaler);
    const reference = ridge({ x, y, strength: 0.01 * 60 });
    const [layer] = final.layers;
    const ours = [...(layer?.weights ?? []), ...(layer?.bias ?? [])];
    ours.forEach((weight, i) => {
      expect(weight).toBeCloseTo(reference[i] as number, 2);
    });
    const gap = x.map((row) => predicted(ours, row) - predicted(reference, row));
    expect(Math.max(...gap.map(Math.abs))).toBeLessThan(5e-3);
  });

  it("has the strength with the smallest leave-one-out error", async () => {
    const data = sample(40, 12, 2);
    const done = await train(planFor(data), blocksOf(data));
    const { recipe } = outcomeOfTraining(done);
    const best = Math.min(...done.trials.map(({ score }) => score));
    expect(recipe.l2).toBe(done.trials.find(({ score }) => score === best)?.l2);
  });
});
