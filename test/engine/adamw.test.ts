// The schedule of a run by epochs, and what its steps are told.
import { describe, expect, test } from "vitest";
import { epochWork, rateAt, startEpochs } from "../../src/engine/adamw.ts";
import { mlp } from "../../src/engine/heads/mlp.ts";

describe("the rate", () => {
  const shares = Array.from({ length: 1_001 }, (_, i) => i / 1_000);
  const rates = shares.map(rateAt);
  const peak = Math.max(...rates);

  test("rises from nothing, then falls to nothing", () => {
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

  test("is half its peak on average: what weight decay is reckoned with", () => {
    expect(rates.reduce((a, b) => a + b, 0) / rates.length).toBeCloseTo(peak / 2, 5);
  });

  test("does not rise again past the end", () => {
    expect(rateAt(1.5)).toBe(0);
  });
});

describe("a run that has not begun", () => {
  const shape = { dims: 5, hidden: 9, outputs: 3 };

  test("starts where the seed says, with moments of zero", () => {
    const { parameters, m, v, epoch, step } = startEpochs(shape, 7, 3);
    expect(parameters).toEqual(mlp.init(shape, 7));
    expect(parameters).not.toEqual(mlp.init(shape, 8));
    expect([...m, ...v].every((value) => value === 0)).toBe(true);
    expect([epoch, step]).toEqual([0, 0]);
  });

  test("counts the work of an epoch beyond that of loss and gradient", () => {
    expect(epochWork(shape, 640)).toBeGreaterThan(2 * mlp.work(shape, 640));
  });
});
