// The activations, compared with their definitions in float64.
import { expect, it } from "vitest";
import { ACTIVATIONS } from "../../src/contract/bundle/operations.ts";
import { Heap } from "../../src/graph/heap.ts";
import { kernelModule } from "../../src/graph/kernels/module.ts";
import { ACTIVATION, erf } from "../support/activations.ts";

const NUMBERS = 4_000;
const heap = new Heap(kernelModule, 4 * NUMBERS + 64);
/** From −10 to 10. */
const values = Float32Array.from({ length: NUMBERS }, (_, at) => (at - NUMBERS / 2) / 200);

function applied(kind: number, numbers: Float32Array): Float32Array {
  heap.floats(64, numbers.length).set(numbers);
  heap.kernels.activate(kind, 64, numbers.length);
  return heap.floats(64, numbers.length).slice();
}

it.each(ACTIVATIONS.slice(1))("computes %s with an error below 2e-6 of the number", (name) => {
  const results = applied(ACTIVATIONS.indexOf(name), values);
  for (const [at, x] of values.entries())
    expect(Math.abs((results[at] as number) - ACTIVATION[name](x)) / Math.max(1, Math.abs(x))).toBeLessThan(2e-6);
});

it("computes erf, inside gelu, with an error below 5e-7", () => {
  const results = applied(ACTIVATIONS.indexOf("gelu"), values);
  for (const [at, x] of values.entries()) {
    if (Math.abs(x) < 0.01) continue;
    expect(Math.abs((2 * (results[at] as number)) / x - 1 - erf(x / Math.SQRT2))).toBeLessThan(5e-7);
  }
});

it("keeps what is not a number, and gives the limits of infinite numbers", () => {
  const numbers = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0);
  expect([...applied(ACTIVATIONS.indexOf("sigmoid"), numbers)]).toEqual([Number.NaN, 1, expect.closeTo(0, 30), 0.5]);
  expect([...applied(ACTIVATIONS.indexOf("relu6"), numbers)]).toEqual([Number.NaN, 6, 0, 0]);
});
