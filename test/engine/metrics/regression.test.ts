// Metrics of a regression: scikit-learn's own example, and edge cases.
import { expect, it } from "vitest";
import { addValue, emptyRegression, regressionMetricsOf } from "../../../src/engine/metrics/regression.ts";

const VALUES = [3, -0.5, 2, 7];
const PREDICTED = [2.5, 0, 2, 8];

function metricsOf(values: readonly number[], predicted: readonly number[], mean = 0, deviation = 1) {
  const sums = emptyRegression();
  const scaled = (value: number): number => (value - mean) / deviation;
  values.forEach((value, i) => {
    addValue(sums, scaled(predicted[i] as number), scaled(value));
  });
  return regressionMetricsOf(sums, deviation);
}

it("the metrics are mean absolute error, root mean squared error and R²", () => {
  const metrics = metricsOf(VALUES, PREDICTED);
  expect(metrics.examples).toBe(4);
  expect(metrics.mae).toBeCloseTo(0.5, 12);
  expect(metrics.rmse).toBeCloseTo(Math.sqrt(0.375), 12);
  expect(metrics.r2).toBeCloseTo(0.9486081370449679, 12);
});

it("the errors are in the units of the values, whatever the scaler uses", () => {
  const metrics = metricsOf(VALUES, PREDICTED, 1_000, 0.25);
  expect(metrics.mae).toBeCloseTo(0.5, 9);
  expect(metrics.rmse).toBeCloseTo(Math.sqrt(0.375), 9);
  expect(metrics.r2).toBeCloseTo(0.9486081370449679, 6);
});

it("R² is 0 for predictions of the mean, and below 0 for worse ones", () => {
  const mean = [2.875, 2.875, 2.875, 2.875];
  expect(metricsOf(VALUES, mean).r2).toBeCloseTo(0, 12);
  expect(metricsOf(VALUES, [9, 9, 9, 9]).r2).toBeLessThan(0);
});

it("R² is 0 if all values are equal, for right and for wrong predictions", () => {
  expect(metricsOf([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]).r2).toBe(0);
  expect(metricsOf([0.1, 0.1, 0.1], [5, 5, 5]).r2).toBe(0);
});
