// Smoothing: the graph computes the same, large channels become smaller, and factors go into the operation before where that is exact.
import { describe, expect, it } from "vitest";
import { type Graph, inputOf } from "../../../src/compile/graph.ts";
import { channelSizes } from "../../../src/compile/quantise/measure.ts";
import { smoothGraph } from "../../../src/compile/quantise/smooth.ts";
import { floats, type Tensor } from "../../../src/compile/tensor.ts";
import { expectSame, graphOf, node, noise, trialInputs } from "../graphs.ts";

const WIDTH = 8;
const plain = { activation: "none" };

/** Channel 3 is a hundred times as large as the others. */
const steep = (): Tensor =>
  floats(
    [WIDTH],
    Float32Array.from({ length: WIDTH }, (_, at) => (at === 3 ? 100 : 1)),
  );

const constants: Readonly<Record<string, Tensor>> = {
  gamma: steep(),
  beta: noise(WIDTH),
  bias: noise(WIDTH),
  ...Object.fromEntries(["wq", "wk", "wv", "wo", "w1", "w2"].map((name) => [name, noise(WIDTH, WIDTH)])),
};

/** One layer of a transformer that normalises first, and a second product that follows an activation. */
const nodes = [
  node("layer-norm", ["x", "", "gamma", "beta"], "n", { epsilon: 1e-5 }),
  ...["q", "k", "v"].map((name) => node("linear", ["n", "", `w${name}`, "bias"], name, plain)),
  node("attention", ["q", "k", "v"], "a", { heads: 2, scale: 0.5 }),
  node("linear", ["a", "x", "wo", "bias"], "o", plain),
  node("linear", ["o", "", "w1", "bias"], "g", { activation: "gelu" }),
  node("linear", ["g", "o", "w2", "bias"], "y", plain),
];
const graph = graphOf({ inputs: { x: ["batch", "sequence", WIDTH] }, constants, nodes, output: "y" });
const sizesOf = (of: Graph) => channelSizes(of, [trialInputs(graph)]);
const smoothOf = (of: Graph, name: string): string => inputOf(of.nodes.find((one) => one.name === name) as never, 4);

describe("a smoothed graph", () => {
  const smooth = smoothGraph(graph, sizesOf(graph), 0.5, new Set());

  it("computes the same", () => {
    expectSame(graph, smooth, 1e-3);
  });

  it("has factors in the layer-norm and in the values of the attention, and as weights elsewhere", () => {
    expect(["q", "k", "v", "o"].map((name) => smoothOf(smooth, name))).toEqual(["", "", "", ""]);
    expect(["g", "y"].map((name) => smoothOf(smooth, name))).toEqual(["g/smooth", "y/smooth"]);
  });

  it("gives products inputs whose channels differ less", () => {
    const spread = (of: Graph): number => {
      const most = sizesOf(of).get("n") ?? new Float64Array(1);
      return Math.max(...most) / Math.min(...most);
    };
    expect(spread(smooth)).toBeLessThan(spread(graph) / 3);
  });
});

it("leaves the layer-norm as it is if another operation or a tap reads its output", () => {
  const kept = smoothGraph(graph, sizesOf(graph), 0.5, new Set(["n"]));
  expect(smoothOf(kept, "q")).toBe("q/smooth");
  const shared = graphOf({
    inputs: { x: ["batch", "sequence", WIDTH] },
    constants,
    nodes: [...nodes.slice(0, 1), node("linear", ["n", "n", "wq", "bias"], "y", plain)],
    output: "y",
  });
  const smooth = smoothGraph(shared, channelSizes(shared, [trialInputs(shared)]), 0.5, new Set());
  expect(smoothOf(smooth, "y")).toBe("y/smooth");
  expectSame(shared, smooth, 1e-3);
});
