// The product of a row without tfjs: to the bit what the kernel gives through it, whatever the extents and the scale.
import { describe, expect, it } from "vitest";
import { HEAD_KINDS } from "../../src/engine/heads/registry.ts";
import { bootTensor } from "../../src/tensor/boot.ts";
import { FeatureTensor, strideOf } from "../../src/tensor/features.ts";
import { normals, seededRandom } from "../support/random.ts";

const EXTENTS = [
  [1, 1],
  [3, 2],
  [8, 8],
  [37, 10],
  [256, 77],
  [384, 10],
  [1_024, 2],
  [4_096, 8],
  [8, 5_000],
] as const;

describe.each(EXTENTS)("%i dimensions, %i outputs", (dims, outputs) => {
  it.each([1e-30, 1, 1e15])("gives the kernel's bits at the scale of %d", async (scale) => {
    await bootTensor();
    const random = seededRandom(dims + outputs);
    const shape = { dims, outputs, hidden: 0 };
    const weights = [{ weights: normals(random, dims * outputs), bias: normals(random, outputs) }];
    const parameters = HEAD_KINDS.linear.decode(shape, weights);
    let compared = 0;
    for (const rows of [1, 2, 3]) {
      const stride = strideOf(dims);
      const x = new Float32Array(4 * stride);
      for (let r = 0; r < rows; r++)
        x.set(
          normals(random, dims).map((value) => value * scale),
          r * stride,
        );
      const few = HEAD_KINDS.linear.forwardFew(shape, parameters, x, rows);
      if (!few) continue;
      const tensor = FeatureTensor.single(x, rows, dims);
      const kernel = HEAD_KINDS.linear.forward(shape, parameters, tensor);
      expect(few).toEqual(kernel.slice(0, rows * outputs));
      tensor.dispose();
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });
});

it("leaves what its memory cannot hold to the kernel", () => {
  const shape = { dims: 4_096, outputs: 77, hidden: 0 };
  const parameters = HEAD_KINDS.linear.init(shape, 0);
  expect(HEAD_KINDS.linear.forwardFew(shape, parameters, new Float32Array(4 * strideOf(4_096)), 1)).toBeNull();
});

it("answers by each of several heads in turn, though it holds the weights of one", () => {
  const shape = { dims: 8, outputs: 1, hidden: 0 };
  const x = new Float32Array(4 * strideOf(8)).fill(1, 0, 8);
  const heads = [1, 2, 3].map((weight) =>
    HEAD_KINDS.linear.decode(shape, [{ weights: new Float32Array(8).fill(weight), bias: new Float32Array(1) }]),
  );
  for (const [i, k] of [0, 0, 1, 2, 0, 2].entries()) {
    const [output] = HEAD_KINDS.linear.forwardFew(shape, heads[k] as Float32Array, x, 1) ?? [];
    expect([i, output]).toEqual([i, 8 * (k + 1)]);
  }
});
