// Ridge regression with an intercept by its normal equations in float64: a reference independent of the engine.

export interface RidgeProblem {
  /** [rows][dims] */
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
  /** Σ ½(x·w + b − y)² + strength/2 · |w|² */
  readonly strength: number;
}

/** Weights, then the intercept. */
export function ridge({ x, y, strength }: RidgeProblem): number[] {
  const size = (x[0]?.length ?? 0) + 1;
  const rows = x.map((row) => [...row, 1]);
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_each, j) => {
      const product = rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0);
      return product + (i === j && i < size - 1 ? strength : 0);
    }),
    rows.reduce((sum, row, r) => sum + (row[i] as number) * (y[r] as number), 0),
  ]);
  return solved(matrix);
}

/** Solves [matrix | right side] by Gauss-Jordan elimination with pivots. */
function solved(augmented: number[][]): number[] {
  const size = augmented.length;
  for (let column = 0; column < size; column++) {
    const rest = augmented.slice(column).map((row) => Math.abs(row[column] as number));
    const pivot = column + rest.indexOf(Math.max(...rest));
    [augmented[column], augmented[pivot]] = [augmented[pivot] as number[], augmented[column] as number[]];
    const own = augmented[column] as number[];
    for (const row of augmented) {
      if (row === own) continue;
      const factor = (row[column] as number) / (own[column] as number);
      for (let j = column; j <= size; j++) row[j] = (row[j] as number) - factor * (own[j] as number);
    }
  }
  return augmented.map((row, i) => (row[size] as number) / (row[i] as number));
}

export const predicted = (weights: readonly number[], x: readonly number[]): number =>
  x.reduce((sum, value, d) => sum + value * (weights[d] as number), weights.at(-1) as number);

/** For each row, the prediction of the model that is fitted without that row. */
export function leftOut({ x, y, strength }: RidgeProblem): number[] {
  return x.map((row, i) => {
    const others = { x: x.filter((_, j) => j !== i), y: y.filter((_, j) => j !== i), strength };
    return predicted(ridge(others), row);
  });
}
