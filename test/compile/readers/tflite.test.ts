// The TensorFlow Lite reader: the order of axes, SAME padding, quantised weights, and files that it cannot read.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { optimise } from "../../../src/compile/passes/optimise.ts";
import { readSourceFile } from "../../../src/compile/readers/source-file.ts";
import { readTflite } from "../../../src/compile/readers/tflite/read.ts";
import { runGraph } from "../../../src/compile/run.ts";
import { floats } from "../../../src/compile/tensor.ts";
import { type TfliteSketch, tfliteFile } from "../../support/tflite-file.ts";

const folder = mkdtempSync(join(tmpdir(), "lastlayer-tflite-"), "utf8");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(bytes: Uint8Array) {
  const path = join(folder, "model.tflite");
  writeFileSync(path, bytes);
  return readTflite(readSourceFile(path)).graph;
}

const byte = (value: number) => ({ bytes: 1, value }) as const;
const word = (value: number) => ({ bytes: 4, value }) as const;
const [SAME, RELU] = [byte(0), byte(1)];
const [CONV_2D, DEPTHWISE_CONV_2D, MEAN, FULLY_CONNECTED, ADD] = [3, 4, 40, 9, 0];

/** Pixels [1, 3, 3, 2] → conv 2 × 2, stride 2, to 2 channels → depthwise 1 × 1 → plus a row → mean → a product. */
const SKETCH: TfliteSketch = {
  tensors: [
    { name: "pixels", shape: [1, 3, 3, 2] },
    // [outputs, height, width, channels]: the first output adds all of channel 0, the second takes channel 1 at the top left.
    { name: "kernel", shape: [2, 2, 2, 2], values: [2, 0, 2, 0, 2, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0], scale: 0.5 },
    { name: "bias", shape: [2], values: [0, -100] },
    { name: "conv;bn", shape: [1, 2, 2, 2] },
    { name: "own", shape: [1, 1, 1, 2], values: [10, 1] },
    { name: "depthwise", shape: [1, 2, 2, 2] },
    { name: "row", shape: [2], values: [1, 2] },
    { name: "sum", shape: [1, 2, 2, 2] },
    { name: "axes", shape: [2], indices: [1, 2] },
    { name: "mean", shape: [1, 2] },
    { name: "matrix", shape: [1, 2], values: [1, 1] },
    { name: "out", shape: [1, 1] },
  ],
  operators: [
    { code: CONV_2D, inputs: [0, 1, 2], output: 3, options: [SAME, word(2), word(2), RELU, word(1), word(1)] },
    { code: DEPTHWISE_CONV_2D, inputs: [3, 4, -1], output: 5, options: [SAME, word(1), word(1), word(1)] },
    { code: ADD, inputs: [5, 6], output: 7, options: [byte(0)] },
    { code: MEAN, inputs: [7, 8], output: 9, options: [byte(0)] },
    { code: FULLY_CONNECTED, inputs: [9, 10, -1], output: 11, options: [byte(0)] },
  ],
  input: 0,
  output: 11,
};

const PIXELS = floats(
  [1, 2, 3, 3],
  Float32Array.from({ length: 18 }, (_, at) => at + 1),
);

it("reads images with the channels last, SAME padding at the end, and int8 weights with their scale", () => {
  const graph = read(tfliteFile(SKETCH));
  expect(graph.inputs[0]?.shape).toEqual(["batch", 2, 3, 3]);
  const [conv, sum, out] = runGraph(graph, { pixels: PIXELS }, ["conv", "sum", "out"]);
  // Channel 0 is 1…9 in rows of three; windows reach one pixel beyond the right and the lower edge.
  expect([...(conv?.data ?? [])]).toEqual([12, 9, 15, 9, 0, 0, 0, 0]);
  expect([...(sum?.data ?? [])]).toEqual([121, 91, 151, 91, 2, 2, 2, 2]);
  expect([...(out?.data ?? [])]).toEqual([113.5 + 2]);
});

it("computes the same after all fusions", () => {
  const graph = read(tfliteFile(SKETCH));
  const fused = optimise(graph);
  expect(fused.nodes.map(({ op }) => op)).toEqual(["conv", "depthwise", "pool", "linear"]);
  expect(fused.nodes[0]?.attributes).toMatchObject({ activation: "relu", pads: [0, 0, 1, 1] });
  expect(runGraph(fused, { pixels: PIXELS }, fused.outputs)[0]?.data[0]).toBeCloseTo(115.5, 4);
});

describe("a file that cannot be read is told with its place:", () => {
  const whole = tfliteFile(SKETCH);
  const changed = (tensor: number, change: object): Uint8Array =>
    tfliteFile({ ...SKETCH, tensors: SKETCH.tensors.map((one, at) => (at === tensor ? { ...one, ...change } : one)) });

  it("one that is something else, or is cut off anywhere", () => {
    expect(() => read(new TextEncoder().encode("hello, world"))).toThrow(
      'model.tflite: not a TFL3 file: its identifier is "o, w"',
    );
    for (let length = 8; length < whole.length - 16; length += 37)
      expect(() => read(whole.subarray(0, length))).toThrow(/model\.tflite/);
  });

  it("a tensor whose bytes do not fit its shape, or whose shape is absurd", () => {
    expect(() => read(changed(10, { values: [1] }))).toThrow(
      'model.tflite, tensor 10 "matrix": its shape [1, 2] needs 8 bytes, but it has 4',
    );
    expect(() => read(changed(10, { shape: [2 ** 30, 2 ** 30] }))).toThrow(
      'tensor 10 "matrix": a tensor has the shape [1073741824, 1073741824]; at most 8 axes',
    );
  });

  it("an operator or an activation that is not covered", () => {
    const operators = SKETCH.operators.map((one) => (one.code === ADD ? { ...one, code: 99 } : one));
    expect(() => read(tfliteFile({ ...SKETCH, operators }))).toThrow(
      /operator of "sum": operator 99 of the schema is not covered; covered: ADD, .*CONV_2D/,
    );
    const strange = SKETCH.operators.map((one) => (one.code === ADD ? { ...one, options: [byte(2)] } : one));
    expect(() => read(tfliteFile({ ...SKETCH, operators: strange }))).toThrow(
      'operator of "sum": its activation is 2; none, relu, relu6 and tanh are covered',
    );
  });
});
