// The learning-rate schedule of a run by epochs, and the arguments of its steps.
import { describe, expect, it } from "vitest";
import { mlp } from "../../../src/engine/heads/mlp.ts";
import { epochWork, rateAt, startEpochs } from "../../../src/engine/optimisers/adamw.ts";

describe("the learning rate", () => {
  const shares = Array.from({ length: 1_001 }, (_, i) => i / 1_000);
  const rates = shares.map(rateAt);
  const peak = Math.max(...rates);

  it("rises from zero and then falls to zero", () => {
    expect(rates[0]).toBe(0);
    expect(rates.at(-1)).toBe(0);
    const top = rates.indexOf(peak);
    expect(
      rates.every(
        (rate, i) => i === 0 || (i <= top ? rate >= (rates[i - 1] as number) : rate <= (rates[i - 1] as number)),
      ),
    ).toBe(true);
    expect(shares[top]).toBeCloseTo(0.15, 2);
  });

  it("is half its peak on average, which the weight decay assumes", () => {
    expect(rates.reduce((a, b) => a + b, 0) / rates.length).toBeCloseTo(peak / 2, 5);
  });

  it("does not rise again after the end", () => {
    expect(rateAt(1.5)).toBe(0);
  });
});

describe("a new run", () => {
  const shape = { dims: 5, hidden: 9, outputs: 3 };

  it("starts with weights drawn from the seed and with zero moments", () => {
    const { parameters, m, v, epoch, step } = startEpochs(mlp, shape, 7, 3);
    expect(parameters).toEqual(mlp.init(shape, 7));
    expect(parameters).not.toEqual(mlp.init(shape, 8));
    expect([...m, ...v].every((value) => value === 0)).toBe(true);
    expect([epoch, step]).toEqual([0, 0]);
  });

  it("adds the optimiser's work to that of loss and gradient", () => {
    expect(epochWork(mlp, shape, 640)).toBeGreaterThan(2 * mlp.work(shape, 640));
  });
});
