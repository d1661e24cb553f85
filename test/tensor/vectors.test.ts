// Products and sums of vectors, compared with plain loops.
import { describe, expect, it } from "vitest";
import { combination, dot, dots } from "../../src/tensor/vectors.ts";
import { normals, seededRandom } from "../support/random.ts";

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 11, 4_095, 4_096, 4_097, 8_195];

const counting = (length: number, from: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => (i + from) % 17);
const plainDot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

describe.each(LENGTHS)("vectors of %i numbers", (length) => {
  it("are multiplied exactly if their sums are whole numbers", () => {
    const xs = Array.from({ length: 3 }, (_, i) => counting(length, i));
    const y = counting(length, 5);
    expect(dots(xs, y)).toEqual(xs.map((x) => plainDot(x, y)));
    expect(dot(y, y)).toBe(plainDot(y, y));
  });

  it("are summed in order in float32", () => {
    const random = seededRandom(length);
    const xs = Array.from({ length: 4 }, () => normals(random, length));
    const factors = [1, -0.3, 2.7, 1e-3].map(Math.fround);
    const term = (i: number, at: number): number => Math.fround((factors[i] as number) * (xs[i]?.[at] as number));
    const plain = Float32Array.from({ length }, (_, at) =>
      [1, 2, 3].reduce((sum, i) => Math.fround(sum + term(i, at)), term(0, at)),
    );
    expect(combination(xs, factors)).toEqual(plain);
  });
});

it("more vectors are accepted than fit into the memory at once", () => {
  const xs = Array.from({ length: 45 }, (_, i) => counting(10, i));
  const y = counting(10, 3);
  expect(dots(xs, y)).toEqual(xs.map((x) => plainDot(x, y)));
  const factors = xs.map((_, i) => (i % 3) - 1);
  const plain = y.map((_, at) => xs.reduce((sum, x, i) => sum + (factors[i] as number) * (x[at] as number), 0));
  expect(combination(xs, factors)).toEqual(plain);
});

it("zero vectors are accepted", () => {
  expect(dots([], counting(10, 0))).toEqual([]);
});

it("products that would overflow float32 are summed in float64", () => {
  expect(dot(Float32Array.of(1e20, -1e20), Float32Array.of(1e20, 1e20))).toBe(0);
});

it("no operand is modified", () => {
  const [a, b] = [counting(6, 1), counting(6, 2)];
  combination([a, b], [1, -1]);
  dots([a], b);
  expect([a, b]).toEqual([counting(6, 1), counting(6, 2)]);
});
