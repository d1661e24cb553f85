// Sums over rows: the bits of a plain loop, however many rows are processed at once.
import { expect, it } from "vitest";
import { shiftedSums } from "../../src/tensor/moments.ts";
import { normals, seededRandom } from "../support/random.ts";

function byLoop(features: Float32Array, dims: number) {
  const [sums, squares] = [new Float64Array(dims), new Float64Array(dims)];
  let numbers = 0;
  features.forEach((number, i) => {
    const d = i % dims;
    const value = number - (features[d] as number);
    sums[d] = (sums[d] as number) + value;
    squares[d] = (squares[d] as number) + value * value;
    if (number !== 0) numbers++;
  });
  return { sums, squares, numbers };
}

it.each([
  [1, 1],
  [3, 1],
  [5, 7],
  [10_000, 3],
  [300, 384],
  [70, 4_096],
  [70, 4_095],
])("the sums have the bits of a plain loop for %i rows of %i dimensions", (rows, dims) => {
  const random = seededRandom(rows + dims);
  const features = normals(random, rows * dims).map((value) => (value < -0.5 ? 0 : 1e3 + 1e-3 * value));
  expect(shiftedSums(features, dims)).toEqual(byLoop(features, dims));
});
