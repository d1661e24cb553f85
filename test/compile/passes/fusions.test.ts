// Fusions: each recognises what exporters write, and computes the same.
import { describe, expect, it } from "vitest";
import type { Graph, GraphNode } from "../../../src/compile/graph.ts";
import { optimise } from "../../../src/compile/passes/optimise.ts";
import { floats, type Tensor } from "../../../src/compile/tensor.ts";
import { ACTIVATIONS } from "../../../src/contract/bundle/operations.ts";
import { expectSame, graphOf, list, node, noise, scalar } from "../graphs.ts";

const WIDTH = 6;
const ROWS = ["batch", "sequence", WIDTH] as const;
const IMAGE = ["batch", 4, 7, 6] as const;
const constants: Readonly<Record<string, Tensor>> = {
  zero: scalar(0),
  half: scalar(0.5),
  one: scalar(1),
  two: scalar(2),
  three: scalar(3),
  six: scalar(6),
  root2: scalar(Math.SQRT2),
  epsilon: scalar(1e-5),
  weight: noise(WIDTH, WIDTH),
  bias: noise(WIDTH),
  gamma: noise(WIDTH),
};

const operations = (graph: Graph): string[] => graph.nodes.map(({ op }) => op);

/** The fused nodes, after a comparison of the numbers. */
function fused(
  nodes: readonly GraphNode[],
  inputs: Graph["inputs"][number]["shape"],
  more: Readonly<Record<string, Tensor>> = {},
) {
  const output = nodes.at(-1)?.outputs[0] as string;
  const graph = graphOf({ inputs: { x: inputs }, constants: { ...constants, ...more }, nodes, output });
  const result = optimise(graph);
  expectSame(graph, result);
  return result;
}

const product = node("MatMul", ["x", "weight"], "product");
const linear = [product, node("Add", ["product", "bias"], "y")];

describe("activations", () => {
  const activated = (...nodes: GraphNode[]) => fused([...linear, ...nodes], ROWS).nodes[0]?.attributes.activation;

  it.each([
    ["Mul(y, half), then the rest", ["Mul", "y", "half", "h"], ["Mul", "h", "b", "z"]],
    ["half after the product", ["Mul", "y", "b", "h"], ["Mul", "h", "half", "z"]],
    ["half in the rest", ["Mul", "half", "b", "h"], ["Mul", "y", "h", "z"]],
  ] as const)("finds GELU written with erf, %s", (_, first, second) => {
    const kind = activated(
      node("Div", ["y", "root2"], "d"),
      node("Erf", ["d"], "e"),
      node("Add", ["e", "one"], "b"),
      node(first[0], [first[1], first[2]], first[3]),
      node(second[0], [second[1], second[2]], second[3]),
    );
    expect(kind).toBe("gelu");
  });

  it.each([
    ["silu", [node("Sigmoid", ["y"], "s"), node("Mul", ["y", "s"], "z")]],
    [
      "hard-swish",
      [
        node("Add", ["y", "three"], "a"),
        node("Clip", ["a", "zero", "six"], "c"),
        node("Mul", ["y", "c"], "m"),
        node("Div", ["m", "six"], "z"),
      ],
    ],
    ["hard-swish", [node("HardSigmoid", ["y"], "s", { alpha: 1 / 6, beta: 0.5 }), node("Mul", ["s", "y"], "z")]],
    ["relu6", [node("Clip", ["y", "zero", "six"], "z")]],
    ["relu6", [node("Clip", ["y"], "z", { min: 0, max: 6 })]],
    ["relu", [node("Max", ["y", "zero"], "z")]],
    ["gelu-tanh", [node("Gelu", ["y"], "z", { approximate: "tanh" })]],
  ] as const)("finds %s in its pieces", (kind, nodes) => {
    expect(activated(...nodes)).toBe(kind);
  });

  it("leaves a function that is none of them", () => {
    expect(operations(fused([...linear, node("Exp", ["y"], "z")], ROWS))).toEqual(["linear", "Exp"]);
    expect(ACTIVATIONS).not.toContain("exp");
  });
});

describe("layer-norms", () => {
  const pieces = (square: GraphNode): GraphNode[] => [
    node("ReduceMean", ["x"], "mean", { axes: [-1] }),
    node("Sub", ["x", "mean"], "centred"),
    square,
    node("ReduceMean", ["square"], "variance", { axes: [-1] }),
    node("Add", ["variance", "epsilon"], "sum"),
    node("Sqrt", ["sum"], "root"),
    node("Div", ["centred", "root"], "quotient"),
    node("Mul", ["quotient", "gamma"], "scaled"),
    node("Add", ["scaled", "bias"], "y"),
  ];

  it.each([node("Pow", ["centred", "two"], "square"), node("Mul", ["centred", "centred"], "square")])(
    "are found in their pieces ($op)",
    (square) => {
      const graph = fused(pieces(square), ROWS);
      expect(operations(graph)).toEqual(["layer-norm"]);
      expect(graph.nodes[0]?.attributes.epsilon).toBeCloseTo(1e-5, 10);
    },
  );

  it("take the sum before them", () => {
    const graph = fused(
      [...linear, node("Add", ["y", "x"], "sum"), node("LayerNormalization", ["sum", "gamma", "bias"], "z")],
      ROWS,
    );
    expect(operations(graph)).toEqual(["linear", "layer-norm"]);
    expect(graph.nodes[1]?.inputs.slice(0, 2)).toEqual(["y", "x"]);
  });
});

describe("products", () => {
  it("take the activation after them, and a sum with another value", () => {
    const graph = fused([...linear, node("Relu", ["y"], "z"), node("Add", ["x", "z"], "s")], ROWS);
    expect(operations(graph)).toEqual(["linear"]);
    expect(graph.nodes[0]).toMatchObject({ attributes: { activation: "relu" }, outputs: ["s"] });
    expect(graph.nodes[0]?.inputs.slice(0, 2)).toEqual(["x", "x"]);
  });

  it("keep an activation after the sum out of the product", () => {
    const graph = fused([...linear, node("Add", ["x", "y"], "s"), node("Relu", ["s"], "z")], ROWS);
    expect(operations(graph)).toEqual(["linear", "add"]);
  });

  it("leave a value that others read as well", () => {
    const graph = fused([...linear, node("Relu", ["y"], "z"), node("Add", ["y", "z"], "s")], ROWS);
    expect(operations(graph)).toEqual(["linear", "activation", "add"]);
  });

  it("are made of Gemm with a transposed weight", () => {
    expect(operations(fused([node("Gemm", ["x", "weight", "bias"], "y", { transB: 1 })], ["batch", WIDTH]))).toEqual([
      "linear",
    ]);
  });
});

describe("images", () => {
  const more = {
    kernel: noise(5, 4, 3, 3),
    shift: noise(5),
    own: noise(4, 1, 3, 3),
    mean: noise(5),
    variance: floats([5], Float32Array.of(0.5, 1, 2, 0.1, 1)),
    scale: noise(5),
    offset: noise(5),
    pads: list(0, 0, 1, 0, 0, 0, 2, 1),
    squeeze: noise(2, 4, 1, 1),
    excite: noise(4, 2, 1, 1),
    axes: list(2, 3),
  };
  const conv = node("Conv", ["x", "kernel", "shift"], "c", { pads: [1, 1, 0, 2], strides: [2, 1], dilations: [1, 2] });

  it("lose their BatchNormalization and their activation to the convolution", () => {
    const normalized = node("BatchNormalization", ["c", "scale", "offset", "mean", "variance"], "n");
    const graph = fused([conv, normalized, node("Clip", ["n", "zero", "six"], "z")], IMAGE, more);
    expect(operations(graph)).toEqual(["conv"]);
    expect(graph.nodes[0]?.attributes).toMatchObject({ activation: "relu6", pads: [1, 1, 0, 2] });
  });

  it("are convolved channel by channel where there are as many groups, with the zeros that Pad puts around", () => {
    const padded = [node("Pad", ["x", "pads"], "p"), node("Conv", ["p", "own"], "c", { group: 4 })];
    const graph = fused(padded, IMAGE, more);
    expect(operations(graph)).toEqual(["depthwise"]);
    expect(graph.nodes[0]?.attributes.pads).toEqual([1, 0, 2, 1]);
  });

  it("get SAME pads from their size", () => {
    const graph = fused([node("Conv", ["x", "kernel"], "c", { auto_pad: "SAME_UPPER", strides: [2, 2] })], IMAGE, more);
    expect(graph.nodes[0]?.attributes.pads).toEqual([1, 0, 1, 1]);
  });

  it("are squeezed to rows and excited again", () => {
    const graph = fused(
      [
        node("ReduceMean", ["x"], "pooled", { axes: [2, 3] }),
        node("Conv", ["pooled", "squeeze"], "s"),
        node("Relu", ["s"], "r"),
        node("Conv", ["r", "excite"], "e"),
        node("HardSigmoid", ["e"], "gate", { alpha: 1 / 6, beta: 0.5 }),
        node("Mul", ["gate", "x"], "z"),
      ],
      IMAGE,
      more,
    );
    expect(operations(graph)).toEqual(["pool", "linear", "linear", "multiply"]);
    expect(graph.nodes.map(({ attributes }) => attributes.activation)).toEqual([
      undefined,
      "relu",
      "hard-sigmoid",
      "none",
    ]);
    expect(graph.nodes[3]?.inputs[0]).toBe("x");
  });

  it("are pooled by windows", () => {
    const graph = fused(
      [node("AveragePool", ["x"], "p", { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 0, 0, 0] })],
      IMAGE,
    );
    expect(graph.nodes[0]).toMatchObject({ op: "window-pool", attributes: { kind: "mean", kernel: [2, 2] } });
  });
});
