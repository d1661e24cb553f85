// Operations of the graph runtime in float64, by plain loops over rows.

/** Rows of `width` numbers. */
export function rowsIn(values: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from({ length: width }, (_, at) => values[row * width + at] as number),
  );
}

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** x [inputs] · matrix [inputs][outputs] */
export const timesMatrix = (x: readonly number[], matrix: readonly (readonly number[])[]): number[] =>
  (matrix[0] ?? []).map((_, output) => sum(x.map((value, input) => value * (matrix[input]?.[output] as number))));

export function normalisedRow(
  row: readonly number[],
  gamma: ArrayLike<number>,
  beta: ArrayLike<number>,
  epsilon: number,
): number[] {
  const mean = sum(row) / row.length;
  const variance = sum(row.map((value) => (value - mean) ** 2)) / row.length;
  return row.map(
    (value, at) => ((value - mean) / Math.sqrt(variance + epsilon)) * (gamma[at] as number) + (beta[at] as number),
  );
}

/** One head within one sequence: rows of queries, keys and values. */
export function attended(
  queries: readonly number[][],
  keys: readonly number[][],
  values: readonly number[][],
  scale: number,
): number[][] {
  return queries.map((query) => {
    const scores = keys.map((key) => scale * dot(query, key));
    const most = Math.max(...scores);
    const shares = scores.map((score) => Math.exp(score - most));
    const total = sum(shares);
    return (values[0] ?? []).map((_, at) =>
      sum(shares.map((share, key) => (share * (values[key]?.[at] ?? 0)) / total)),
    );
  });
}
