// What is left of a file's graph: features without the classifier, and values that the caller asked for.
import { describe, expect, it } from "vitest";
import type { GraphNode } from "../../../src/compile/graph.ts";
import { prepareGraph } from "../../../src/compile/readers/prepare.ts";
import { graphOf, node, noise } from "../graphs.ts";

const constants = { kernel: noise(5, 3, 3, 3), matrix: noise(5, 4), bias: noise(4), deep: noise(4, 2) };
const nodes: readonly GraphNode[] = [
  node("Conv", ["pixels", "kernel"], "c"),
  node("Relu", ["c"], "r"),
  node("GlobalAveragePool", ["r"], "pooled"),
  node("Flatten", ["pooled"], "row"),
  node("Gemm", ["row", "matrix", "bias"], "hidden"),
  node("Relu", ["hidden"], "active"),
  node("MatMul", ["active", "deep"], "logits"),
  node("Softmax", ["logits"], "shares"),
];
const graph = graphOf({ inputs: { pixels: ["batch", 3, 8, 8] }, constants, nodes, output: "shares" });

const operations = (output: string | null, wanted: readonly string[] = []) => {
  const prepared = prepareGraph(graph, output, wanted);
  return { ...prepared, ops: prepared.graph.nodes.map(({ op }) => op) };
};

describe("the features of a classifier", () => {
  it("are the pooled layer below its products", () => {
    const { ops, graph: features, pooling } = operations(null);
    expect(ops).toEqual(["conv"]);
    expect(features.outputs).toEqual(["r"]);
    expect(pooling).toBe("mean");
  });

  it("are what the caller names instead", () => {
    const { ops, graph: features, pooling } = operations("active");
    expect(ops).toEqual(["conv", "pool", "linear"]);
    expect(features.outputs).toEqual(["active"]);
    expect(pooling).toBeNull();
    expect(() => operations("nothing")).toThrow('output "nothing": the model has no such value');
  });
});

describe("a value that becomes a tap", () => {
  it("stays a value: it is not fused into what follows it", () => {
    const { ops, graph: features } = operations(null, ["c"]);
    expect(ops).toEqual(["conv", "activation"]);
    expect(features.outputs).toEqual(["r", "c"]);
  });

  it("is known by the name of the value that it equals", () => {
    const { names, graph: features } = operations("logits", ["row", "pooled"]);
    expect(names).toEqual(
      new Map([
        ["row", "pooled"],
        ["pooled", "pooled"],
      ]),
    );
    expect(features.outputs).toEqual(["logits", "pooled", "pooled"]);
  });
});
