// The ONNX reader: what it reads from a file, and what it says about files that it cannot read.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inferFacts } from "../../../src/compile/infer.ts";
import { optimise } from "../../../src/compile/passes/optimise.ts";
import { readOnnx } from "../../../src/compile/readers/onnx/read.ts";
import { readSourceFile } from "../../../src/compile/readers/source-file.ts";
import { runGraph } from "../../../src/compile/run.ts";
import { floats } from "../../../src/compile/tensor.ts";
import { type OnnxFile, onnxFile, onnxTensor, rawBytes } from "../../support/onnx-file.ts";

const folder = mkdtempSync(join(tmpdir(), "lastlayer-onnx-"), "utf8");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = { pixels: ["N", 3, 2, 2] };
const kernel = onnxTensor("kernel", [2, 3, 1, 1], [1, 2, 3, -1, 0, 1]);
const convolution: OnnxFile = {
  nodes: [{ op: "Conv", inputs: ["pixels", "kernel"], output: "y", name: "first" }],
  constants: [kernel],
  inputs: image,
  outputs: ["y"],
};

function read(bytes: Uint8Array, name = "model.onnx") {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return readOnnx(readSourceFile(path));
}

const readFile = (file: Partial<OnnxFile>) => read(onnxFile({ ...convolution, ...file }));

it("reads nodes, constants and the shapes of inputs, and names the batch", () => {
  const { graph } = readFile({});
  expect(graph.inputs).toEqual([{ name: "pixels", type: "f32", shape: ["batch", 3, 2, 2] }]);
  expect(inferFacts(graph).get("y")?.shape).toEqual(["batch", 2, 2, 2]);
  const [y] = runGraph(
    graph,
    {
      pixels: floats(
        [1, 3, 2, 2],
        Float32Array.from({ length: 12 }, (_, at) => at),
      ),
    },
    ["y"],
  );
  expect([...(y?.data ?? [])]).toEqual([32, 38, 44, 50, 8, 8, 8, 8]);
});

it("reads constants from a file beside the model, at their offset", () => {
  writeFileSync(join(folder, "weights.bin"), Buffer.concat([Buffer.alloc(12), rawBytes([1, 2, 3, -1, 0, 1])]));
  const external = { location: "weights.bin", offset: 12 };
  const { graph, files } = readFile({
    constants: [onnxTensor("kernel", [2, 3, 1, 1], new Array(6).fill(0), { external })],
  });
  expect([...(graph.constants.get("kernel")?.data ?? [])]).toEqual([1, 2, 3, -1, 0, 1]);
  expect(files.map(({ name }) => name)).toEqual(["model.onnx", "weights.bin"]);
});

it("folds weights that are int8 behind a Cast and a scale", () => {
  const file: Partial<OnnxFile> = {
    nodes: [
      { op: "Cast", inputs: ["whole"], output: "numbers", attributes: { to: 1 } },
      { op: "Mul", inputs: ["numbers", "scale"], output: "kernel" },
      ...convolution.nodes,
    ],
    constants: [
      onnxTensor("whole", [2, 3, 1, 1], [1, 2, 3, -4, 5, -6], { type: "i8" }),
      onnxTensor("scale", [2, 1, 1, 1], [0.5, 2]),
    ],
  };
  const { nodes, constants } = optimise(readFile(file).graph);
  expect(nodes.map(({ op }) => op)).toEqual(["conv"]);
  expect([...(constants.get(nodes[0]?.inputs[2] ?? "")?.data ?? [])]).toEqual([0.5, 1, 1.5, -8, 10, -12]);
});

describe("a file that cannot be read is told with its place:", () => {
  const whole = onnxFile(convolution);

  it("one that is cut off", () => {
    expect(() => read(whole.subarray(0, whole.length - 20))).toThrow(
      /model\.onnx, byte \d+: not a protobuf message: a field of \d+ bytes does not fit; the file may be cut off/,
    );
  });

  it("one that is something else", () => {
    expect(() => read(Buffer.from("<!doctype html>"))).toThrow(/model\.onnx.*: not (a protobuf message|an ONNX model)/);
    expect(() => read(new Uint8Array(0))).toThrow("model.onnx: not an ONNX model: it has no graph");
  });

  it("an opset that is too old", () => {
    expect(() => readFile({ opset: 7 })).toThrow("model.onnx: its opset is 7; 9 to 21 are covered");
  });

  it("a tensor with fewer numbers than its shape", () => {
    expect(() => readFile({ constants: [onnxTensor("kernel", [2, 3, 1, 1], [1, 2])] })).toThrow(
      'tensor "kernel": its shape [2, 3, 1, 1] needs 6 numbers, but it has 2',
    );
  });

  it("a tensor that claims more memory than a model may have", () => {
    expect(() => readFile({ constants: [onnxTensor("kernel", [2 ** 40, 2 ** 40], [])] })).toThrow(
      'tensor "kernel": a tensor has the shape [1099511627776, 1099511627776]; at most 8 axes and 268435456 elements are read',
    );
    expect(() => readFile({ constants: [onnxTensor("kernel", [-1], [])] })).toThrow("a tensor has an axis of size -1");
  });

  it("bytes outside the model's folder, or outside their file", () => {
    const at = (location: string, offset: number) => ({ external: { location, offset } });
    const tensor = (location: string, offset: number) => [onnxTensor("kernel", [1], [0], at(location, offset))];
    expect(() => readFile({ constants: tensor("../../etc/passwd", 0) })).toThrow("expected a file beside the model");
    expect(() => readFile({ constants: tensor("/etc/passwd", 0) })).toThrow("expected a file beside the model");
    writeFileSync(join(folder, "short.bin"), Buffer.alloc(8));
    expect(() => readFile({ constants: tensor("short.bin", 6) })).toThrow(
      "its bytes are [6, 10) of short.bin, which has 8",
    );
    expect(() => readFile({ constants: tensor("none.bin", 0) })).toThrow("none.bin: there is no such file");
  });

  it("an operation that is not covered, with its attributes and what is nearest", () => {
    const nodes = [{ op: "LRN", inputs: ["pixels"], output: "y", name: "norm1", attributes: { size: 5, alpha: 0.5 } }];
    expect(() => optimise(readFile({ nodes }).graph)).toThrow(
      /node "norm1" \(LRN\): this operation is not covered; its attributes: size = 5, alpha = 0.5\. .*BatchNormalization/,
    );
    const fused = [{ op: "BiasGelu", domain: "com.microsoft", inputs: ["pixels"], output: "y", name: "g" }];
    expect(() => optimise(readFile({ nodes: fused }).graph)).toThrow(
      /node "g" \(com\.microsoft\.BiasGelu\): .*export the model without the optimisations of onnxruntime/,
    );
  });

  it("inputs among which the text or the picture is not to be found", () => {
    expect(() => readFile({ inputs: { a: ["N", 3, 2, 2], b: ["N", 4] } })).toThrow(
      "its inputs are: a, b; expected one",
    );
    expect(() => readFile({ inputs: { pixels: ["N", 3, "height", 2] } })).toThrow(
      'input "pixels": it is f32 [N, 3, height, 2]; covered:',
    );
  });

  it("nodes that read what comes later", () => {
    const nodes = [{ op: "Relu", inputs: ["y"], output: "z", name: "early" }, ...convolution.nodes];
    expect(() => readFile({ nodes, outputs: ["z"] })).toThrow(
      'node "early" (Relu): it reads "y" before node 0 made it',
    );
  });
});
