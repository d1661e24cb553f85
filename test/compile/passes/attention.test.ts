// Attention and embeddings: found however exporters write them, and refused where they mean something else.
import { describe, expect, it } from "vitest";
import type { Graph, GraphInput, GraphNode } from "../../../src/compile/graph.ts";
import { optimise } from "../../../src/compile/passes/optimise.ts";
import { integers, type Tensor } from "../../../src/compile/tensor.ts";
import { expectSame, graphOf, list, node, noise, scalar } from "../graphs.ts";

const [HEADS, DEPTH] = [2, 4];
const WIDTH = HEADS * DEPTH;
const ROWS = ["batch", "sequence", WIDTH] as const;

const constants: Readonly<Record<string, Tensor>> = {
  ...Object.fromEntries(["wq", "wk", "wv"].map((name) => [name, noise(WIDTH, WIDTH)])),
  heads: list(0, 0, HEADS, DEPTH),
  rows: list(0, 0, WIDTH),
  scale: scalar(Math.sqrt(DEPTH)),
  root: scalar(DEPTH ** -0.25),
  first: list(0),
  last: list(-1),
  depth: list(DEPTH),
};

const projected = ["q", "k", "v"].map((name) => node("MatMul", ["x", `w${name}`], name));
const split = (name: string, perm: readonly number[]): GraphNode[] => [
  node("Reshape", [name, "heads"], `${name}/parts`),
  node("Transpose", [`${name}/parts`], `${name}/heads`, { perm }),
];
const joined = [
  node("Transpose", ["context"], "turned", { perm: [0, 2, 1, 3] }),
  node("Reshape", ["turned", "rows"], "z"),
];

const plain: readonly GraphNode[] = [
  ...projected,
  ...split("q", [0, 2, 1, 3]),
  ...split("k", [0, 2, 3, 1]),
  ...split("v", [0, 2, 1, 3]),
  node("MatMul", ["q/heads", "k/heads"], "products"),
  node("Div", ["products", "scale"], "scores"),
  node("Softmax", ["scores"], "shares", { axis: -1 }),
  node("MatMul", ["shares", "v/heads"], "context"),
  ...joined,
];

function fused(nodes: readonly GraphNode[], more: Readonly<Record<string, Tensor>> = {}): Graph {
  const graph = graphOf({ inputs: { x: ROWS }, constants: { ...constants, ...more }, nodes, output: "z" });
  const result = optimise(graph);
  expectSame(graph, result);
  return result;
}

const replaced = (output: string, ...by: GraphNode[]): GraphNode[] =>
  plain.flatMap((one) => (one.outputs[0] === output ? by : [one]));

describe("attention", () => {
  it("is found with heads split by Reshape and Transpose", () => {
    const { nodes } = fused(plain);
    expect(nodes.map(({ op }) => op)).toEqual(["linear", "linear", "linear", "attention"]);
    expect(nodes[3]).toMatchObject({
      inputs: ["q", "k", "v"],
      attributes: { heads: HEADS, scale: 1 / Math.sqrt(DEPTH) },
    });
  });

  it("is found with the scale on both sides of the product, and the key turned through a batch of heads", () => {
    const turned = [
      ...split("k", [0, 2, 1, 3]).map((one) => ({
        ...one,
        outputs: one.outputs.map((name) => name.replace("/heads", "/plain")),
      })),
      node("Shape", ["k/plain"], "sizes"),
      node("Gather", ["sizes", "two"], "length"),
      node("Concat", ["last", "length", "depth"], "flat", { axis: 0 }),
      node("Reshape", ["k/plain", "flat"], "k/flat"),
      node("Transpose", ["k/flat"], "k/turned", { perm: [0, 2, 1] }),
      node("Gather", ["sizes", "front"], "outer"),
      node("Concat", ["outer", "depth", "length"], "whole", { axis: 0 }),
      node("Reshape", ["k/turned", "whole"], "k/whole"),
      node("Mul", ["k/whole", "root"], "k/heads"),
    ];
    const nodes = replaced("k/heads", ...turned)
      .filter((one) => one.outputs[0] !== "k/parts" || turned.includes(one))
      .flatMap((one) => (one.outputs[0] === "scores" ? [node("Identity", ["products"], "scores")] : [one]));
    const scaled = nodes.flatMap((one) =>
      one.outputs[0] === "products"
        ? [node("Mul", ["q/heads", "root"], "q/scaled"), node("MatMul", ["q/scaled", "k/heads"], "products")]
        : [one],
    );
    const graph = fused(scaled, { two: list(2), front: list(0, 1) });
    expect(graph.nodes.map(({ op }) => op)).toEqual(["linear", "linear", "linear", "attention"]);
    expect(graph.nodes[3]?.attributes.scale).toBeCloseTo(1 / Math.sqrt(DEPTH), 6);
  });

  it("is not taken for another where the softmax runs over the queries", () => {
    const graph = fused(replaced("shares", node("Softmax", ["scores"], "shares", { axis: 2 })));
    expect(graph.nodes.map(({ op }) => op)).not.toContain("attention");
  });
});

describe("what the input of a text is made of", () => {
  const ids: GraphInput = { name: "ids", type: "int", shape: ["batch", "sequence"] };
  const mask: GraphInput = { name: "attention_mask", type: "int", shape: ["batch", "sequence"], assumed: 1 };
  const segments: GraphInput = { name: "token_type_ids", type: "int", shape: ["batch", "sequence"], assumed: 0 };
  const tables = {
    words: noise(5, WIDTH),
    places: noise(16, WIDTH),
    types: noise(2, WIDTH),
    counting: integers(
      [1, 16],
      Array.from({ length: 16 }, (_, at) => at),
    ),
    one: list(1),
    zero: list(0),
    lowest: scalar(-10_000),
    unit: scalar(1),
    axes: list(1, 2),
    ...constants,
  };
  const embedded = [
    node("Shape", ["ids"], "shape"),
    node("Slice", ["shape", "one", "last number"], "length"),
    node("Slice", ["counting", "zero", "length", "one"], "position ids"),
    node("Gather", ["words", "ids"], "word rows"),
    node("Gather", ["types", "token_type_ids"], "type rows"),
    node("Gather", ["places", "position ids"], "place rows"),
    node("Add", ["word rows", "type rows"], "sum"),
    node("Add", ["sum", "place rows"], "x"),
  ];

  it("becomes one embedding, with the row of the only segment among the positions", () => {
    const graph: Graph = {
      inputs: [ids, segments],
      outputs: ["x"],
      nodes: embedded,
      constants: new Map(Object.entries({ ...tables, "last number": list(2) })),
    };
    const result = optimise(graph);
    expect(result.nodes.map(({ op }) => op)).toEqual(["embed"]);
    expect(result.inputs.map(({ name }) => name)).toEqual(["ids"]);
    expect(result.nodes[0]?.attributes.firstPosition).toBe(0);
    const positions = result.constants.get(result.nodes[0]?.inputs[2] ?? "")?.data ?? [];
    expect(positions[0]).toBeCloseTo((tables.places.data[0] as number) + (tables.types.data[0] as number), 6);
  });

  it("loses its mask: a text has no padding", () => {
    const masked = [
      node("Unsqueeze", ["attention_mask", "axes"], "wide"),
      node("Cast", ["wide"], "numbers", { to: 1 }),
      node("Sub", ["unit", "numbers"], "hidden"),
      node("Mul", ["hidden", "lowest"], "mask"),
      ...replaced(
        "shares",
        node("Add", ["scores", "mask"], "masked"),
        node("Softmax", ["masked"], "shares", { axis: -1 }),
      ),
    ];
    const x: GraphInput = { name: "x", type: "f32", shape: ROWS };
    const graph: Graph = {
      inputs: [x, mask],
      outputs: ["z"],
      nodes: masked,
      constants: new Map(Object.entries(tables)),
    };
    const result = optimise(graph);
    expect(result.nodes.map(({ op }) => op)).toEqual(["linear", "linear", "linear", "attention"]);
    expect(result.inputs.map(({ name }) => name)).toEqual(["x"]);
  });
});
