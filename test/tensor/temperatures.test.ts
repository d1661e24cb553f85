// Sums over rows of logits at other temperatures, compared with a softmax in float64.
import { describe, expect, it } from "vitest";
import { softmaxRow } from "../../src/engine/heads/softmax.ts";
import { addTemperedLosses, addTemperedSlopes, DOUBLINGS } from "../../src/tensor/temperatures.ts";
import { integers, normals, seededRandom } from "../support/random.ts";

/** Class counts that fill a vector of four or two, that do not, and that divide rows into pieces. */
const CLASSES = [1, 2, 3, 4, 5, 7, 8, 77, 1_000];
const STARTS = [0.5, Math.SQRT1_2];
const ROWS = 200;

function rowsOf(classes: number, spread = 4) {
  const random = seededRandom(classes);
  return { logits: normals(random, ROWS * classes, spread), labels: integers(random, ROWS, classes), classes };
}

type Rows = ReturnType<typeof rowsOf>;

/** Sums over rows of `figure` applied to a row's logits, its softmax at β, and its label. */
function summed(
  { logits, labels, classes }: Rows,
  beta: number,
  figure: (z: Float32Array, p: Float64Array, label: number) => number,
): number {
  let sum = 0;
  labels.forEach((label, r) => {
    const z = logits.subarray(r * classes, (r + 1) * classes);
    sum += figure(z, softmaxRow(z, beta, new Float64Array(classes)), label);
  });
  return sum;
}

const emptyLosses = () => ({
  sums: new Float64Array(STARTS.length * DOUBLINGS),
  products: new Float64Array(STARTS.length * DOUBLINGS).fill(1),
});

function lossesOf({ logits, labels }: Rows): Float64Array {
  const losses = emptyLosses();
  addTemperedLosses(losses, STARTS, logits, labels);
  return losses.sums.map((sum, i) => sum + Math.log(losses.products[i] as number));
}

const mean = (z: Float32Array, p: Float64Array, power: number): number =>
  p.reduce((sum, share, k) => sum + share * (z[k] as number) ** power, 0);

describe.each(CLASSES)("over %d classes", (classes) => {
  const rows = rowsOf(classes);

  it("the losses are the cross-entropies at every β", () => {
    lossesOf(rows).forEach((loss, i) => {
      const beta = (STARTS[i % 2] as number) * 2 ** Math.floor(i / 2);
      const exact = summed(rows, beta, (z, _, label) => logSum(z, beta) - beta * (z[label] as number));
      expect(Math.abs(loss - exact)).toBeLessThanOrEqual(1e-10 * Math.abs(exact) + 1e-9);
    });
  });

  it.each([0.02, 1, 30])("the slopes are the distance from the label and the variance, at β = %f", (beta) => {
    const slopes = new Float64Array(2);
    addTemperedSlopes(slopes, beta, rows.logits, rows.labels);
    const first = summed(rows, beta, (z, p, label) => mean(z, p, 1) - (z[label] as number));
    const second = summed(rows, beta, (z, p) => mean(z, p, 2) - mean(z, p, 1) ** 2);
    expect(Math.abs((slopes[0] as number) - first)).toBeLessThanOrEqual(1e-11 * ROWS * 100);
    expect(Math.abs((slopes[1] as number) - second)).toBeLessThanOrEqual(1e-11 * ROWS * 100);
  });
});

/** ln Σ e^(β·z) */
function logSum(z: Float32Array, beta: number): number {
  const peak = Math.max(...z);
  return beta * peak + Math.log(z.reduce((sum, value) => sum + Math.exp(beta * (value - peak)), 0));
}

it("the sums have the same bits for any division into blocks", () => {
  const { logits, labels, classes } = rowsOf(77, 30);
  const losses = emptyLosses();
  const slopes = [new Float64Array(2), new Float64Array(2)] as const;
  for (let from = 0; from < ROWS; from += 7) {
    const some = labels.subarray(from, from + 7);
    const block = logits.subarray(from * classes, (from + some.length) * classes);
    addTemperedLosses(losses, STARTS, block, some);
    addTemperedSlopes(slopes[0], 2, block, some);
  }
  const whole = emptyLosses();
  addTemperedLosses(whole, STARTS, logits, labels);
  addTemperedSlopes(slopes[1], 2, logits, labels);
  expect(losses).toEqual(whole);
  expect(slopes[0]).toEqual(slopes[1]);
});

it("the sums do not change with zero rows", () => {
  const losses = emptyLosses();
  addTemperedLosses(losses, STARTS, new Float32Array(), new Int32Array());
  expect(losses).toEqual(emptyLosses());
});

it("the sums are finite for logits thousands apart, and for huge logits", () => {
  for (const far of [9_000, 1e30]) {
    const losses = emptyLosses();
    const slopes = new Float64Array(2);
    const logits = Float32Array.of(-far, far, far, -far);
    addTemperedLosses(losses, STARTS, logits, Int32Array.of(0, 0));
    addTemperedSlopes(slopes, 100, logits, Int32Array.of(0, 0));
    expect([...losses.sums, ...losses.products, ...slopes].every(Number.isFinite)).toBe(true);
  }
});
