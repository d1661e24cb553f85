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

it("leaves what is more than a row or two to the kernel", () => {
  const shape = { dims: 1_024, outputs: 77, hidden: 0 };
  const parameters = HEAD_KINDS.linear.init(shape, 0);
  expect(HEAD_KINDS.linear.forwardFew(shape, parameters, new Float32Array(4 * strideOf(1_024)), 1)).toBeNull();
});
