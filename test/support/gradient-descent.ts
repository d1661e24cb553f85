// A second computation of the optimum: plain gradient descent with momentum, in float64 JavaScript, on the same objective.
import type { FeatureBlocks, RowPart } from "../../src/engine/data/blocks.ts";
import type { Scaler } from "../../src/engine/heads/scaler.ts";
import { blocksIn } from "./blocks.ts";

export interface Objective {
  readonly dims: number;
  readonly classes: number;
  value(weights: ArrayLike<number>, bias: ArrayLike<number>): number;
  /** The gradient at (weights [dims][classes], bias [classes]), in one array. */
  gradient(weights: ArrayLike<number>, bias: ArrayLike<number>): Float64Array;
}

interface Row {
  readonly x: Float64Array;
  readonly label: number;
}

async function scaledRows(blocks: FeatureBlocks, parts: readonly RowPart[], { mean, inverse }: Scaler): Promise<Row[]> {
  return (await blocksIn(blocks, parts)).flatMap(({ features, targets }) =>
    Array.from(targets, (label, r) => {
      const raw = (features as Float32Array).subarray(r * blocks.dims, (r + 1) * blocks.dims);
      return { x: Float64Array.from(raw, (value, d) => (value - (mean[d] as number)) * (inverse[d] as number)), label };
    }),
  );
}

function probabilities(x: Float64Array, weights: ArrayLike<number>, bias: ArrayLike<number>): Float64Array {
  const z = Float64Array.from(bias as ArrayLike<number>);
  for (let d = 0; d < x.length; d++) {
    for (let k = 0; k < z.length; k++) {
      z[k] = (z[k] as number) + (x[d] as number) * (weights[d * z.length + k] as number);
    }
  }
  const top = Math.max(...z);
  const e = z.map((value) => Math.exp(value - top));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / total);
}

/** Mean cross-entropy + l2/2·|W|² of a linear softmax head over rows of `parts`, scaled. */
export async function objectiveOf(
  blocks: FeatureBlocks,
  parts: readonly RowPart[],
  scaler: Scaler,
  l2: number,
  classes: number,
): Promise<Objective> {
  const rows = await scaledRows(blocks, parts, scaler);
  const { dims } = blocks;
  return {
    dims,
    classes,
    value(weights, bias) {
      const loss = rows.reduce(
        (sum, { x, label }) => sum - Math.log(probabilities(x, weights, bias)[label] as number),
        0,
      );
      return loss / rows.length + (l2 / 2) * Array.from(weights).reduce((sum, w) => sum + w * w, 0);
    },
    gradient: (weights, bias) => gradientOver(rows, weights, bias, l2),
  };
}

function gradientOver(
  rows: readonly Row[],
  weights: ArrayLike<number>,
  bias: ArrayLike<number>,
  l2: number,
): Float64Array {
  const classes = bias.length;
  const gradient = Float64Array.from([...Array.from(weights, (w) => l2 * w), ...Array.from(bias, () => 0)]);
  const add = (i: number, value: number): void => {
    gradient[i] = (gradient[i] as number) + value / rows.length;
  };
  for (const { x, label } of rows) {
    const p = probabilities(x, weights, bias);
    p[label] = (p[label] as number) - 1;
    for (let k = 0; k < classes; k++) {
      for (let d = 0; d < x.length; d++) add(d * classes + k, (x[d] as number) * (p[k] as number));
      add(weights.length + k, p[k] as number);
    }
  }
  return gradient;
}

/** Descends from zero until the gradient is zero, or for `steps` steps. */
export function gradientDescent(objective: Objective, steps: number): { value: number; weights: Float64Array } {
  const at = new Float64Array((objective.dims + 1) * objective.classes);
  const velocity = new Float64Array(at.length);
  const [weights, bias] = [
    at.subarray(0, objective.dims * objective.classes),
    at.subarray(objective.dims * objective.classes),
  ];
  for (let step = 0; step < steps; step++) {
    const gradient = objective.gradient(weights, bias);
    if (Math.max(...gradient.map(Math.abs)) < 1e-8) break;
    for (let i = 0; i < at.length; i++) {
      velocity[i] = 0.9 * (velocity[i] as number) - 0.1 * (gradient[i] as number);
      at[i] = (at[i] as number) + (velocity[i] as number);
    }
  }
  return { value: objective.value(weights, bias), weights };
}
