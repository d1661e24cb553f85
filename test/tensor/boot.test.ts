// The tensor backend inside workerd: what it computes, and its use of the heap.
import { expect, it } from "vitest";
import { backendName, bootTensor, hasSimd, heapBytes } from "../../src/tensor/boot.ts";
import { linearLogits } from "../../src/tensor/products.ts";
import { liveTensors, scoped, tensorBytes } from "../../src/tensor/scope.ts";
import { slabWeights, withFeatures } from "../support/linear-algebra.ts";

/** [2, 3] · [3, 2] in kernel layout: two of eight columns. */
function product(): Float32Array {
  const [x, weights] = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(1, 0, 0, 1, 1, 1)];
  const head = slabWeights({ rows: 2, dims: 3, classes: 2, x, weights, bias: new Float32Array(2) });
  return withFeatures(x, 2, 3, (features) => linearLogits(features, head));
}

it("the backend has no heap before the first boot", () => {
  expect(heapBytes()).toBe(0);
});

it("the backend runs tfjs on WASM SIMD inside workerd", async () => {
  await bootTensor();
  expect(navigator.userAgent).toBe("Cloudflare-Workers");
  expect(backendName()).toBe("wasm");
  expect(hasSimd()).toBe(true);
});

it("the backend boots once, however often it is requested", async () => {
  const first = bootTensor();
  expect(bootTensor()).toBe(first);
  await first;
});

it("the heap is measured in whole WASM pages", async () => {
  await bootTensor();
  expect(heapBytes()).toBeGreaterThan(0);
  expect(heapBytes() % 65_536).toBe(0);
});

it("the backend multiplies matrices", async () => {
  await bootTensor();
  const products = product();
  expect([0, 1, 8, 9].map((i) => products[i])).toEqual([4, 5, 10, 11]);
});

it("a scope frees all its tensors, and the bytes that they held", async () => {
  await bootTensor();
  const before = [liveTensors(), tensorBytes()];
  for (let i = 0; i < 10; i++) product();
  expect([liveTensors(), tensorBytes()]).toEqual(before);
});

it("a scope that throws frees its tensors", async () => {
  await bootTensor();
  const before = liveTensors();
  const failing = () =>
    scoped(() => {
      product();
      throw new Error("on purpose");
    });
  expect(failing).toThrow("on purpose");
  expect(liveTensors()).toBe(before);
});

it("a block of features is counted until it is disposed", async () => {
  await bootTensor();
  const before = [liveTensors(), tensorBytes()];
  const inside = withFeatures(new Float32Array(5 * 3), 5, 3, () => [liveTensors(), tensorBytes()]);
  expect(inside).toEqual([(before[0] as number) + 1, (before[1] as number) + 8 * 8 * 4]);
  expect([liveTensors(), tensorBytes()]).toEqual(before);
});

it("the heap is reused: it does not grow when the same work is repeated", async () => {
  await bootTensor();
  const work = (): void => withFeatures(new Float32Array(1 << 20), 1024, 1024, () => undefined);
  work();
  const grown = heapBytes();
  for (let i = 0; i < 20; i++) work();
  expect(heapBytes()).toBe(grown);
});
