// The feature of a text from those of its windows: their mean, weighted by their tokens.

export interface PooledPart {
  readonly dimension: number;
  /** Whether the part is a unit vector. */
  readonly normalise: boolean;
}

/** The features of texts at one tap; `features` [windows][dimension], `lengths`: tokens of each window, `counts`: windows of each text. */
export function poolWindows(
  features: Float32Array,
  { dimension, normalise }: PooledPart,
  lengths: readonly number[],
  counts: readonly number[],
): Float32Array[] {
  let window = 0;
  return counts.map((count) => {
    const first = window;
    window += count;
    if (count === 1) return features.slice(first * dimension, window * dimension);
    const mean = weightedMean(features.subarray(first * dimension), lengths.slice(first, window), dimension);
    return normalise ? unit(mean) : mean;
  });
}

function weightedMean(rows: Float32Array, weights: readonly number[], dimension: number): Float32Array {
  const sum = new Float64Array(dimension);
  for (const [row, weight] of weights.entries())
    for (let at = 0; at < dimension; at++)
      sum[at] = (sum[at] as number) + weight * (rows[row * dimension + at] as number);
  const all = weights.reduce((total, weight) => total + weight, 0) || 1;
  return Float32Array.from(sum, (value) => value / all);
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}
