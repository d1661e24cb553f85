// Metrics of a regression, in the units of its values.
import type { RegressionMetrics } from "../../contract/metrics.ts";

export interface RegressionSums {
  rows: number;
  absolute: number;
  squared: number;
  /** Σ of the fourth power of errors. */
  fourth: number;
  values: number;
  squaredValues: number;
}

export const emptyRegression = (): RegressionSums => ({
  rows: 0,
  absolute: 0,
  squared: 0,
  fourth: 0,
  values: 0,
  squaredValues: 0,
});

/** Adds one row in units of the scaler, in place. */
export function addValue(sums: RegressionSums, predicted: number, value: number): void {
  sums.rows++;
  sums.absolute += Math.abs(predicted - value);
  sums.squared += (predicted - value) ** 2;
  sums.fourth += (predicted - value) ** 4;
  sums.values += value;
  sums.squaredValues += value * value;
}

/** R² is 0 if all values are equal. */
export function regressionMetricsOf(sums: RegressionSums, deviation: number): RegressionMetrics {
  const { rows, absolute, squared, values, squaredValues } = sums;
  const spread = squaredValues - (values * values) / rows;
  return {
    examples: rows,
    mae: (deviation * absolute) / rows,
    rmse: deviation * Math.sqrt(squared / rows),
    r2: spread > 1e-12 * squaredValues ? 1 - squared / spread : 0,
  };
}
