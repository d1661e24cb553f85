// Rounding the products of a graph: what was int8 before stays as it is.
import { expect, it } from "vitest";
import { inputOf } from "../../../src/compile/graph.ts";
import { roundedGraph } from "../../../src/compile/quantise/rounded.ts";
import { floats } from "../../../src/compile/tensor.ts";
import { graphOf, node, noise, trialInputs } from "../graphs.ts";

it("leaves weights that int8 keeps, and rounds others", () => {
  const whole = floats(
    [4, 3],
    Float32Array.from({ length: 12 }, (_, at) => 0.25 * (((at * 5) % 19) - 9)),
  );
  const plain = { activation: "none" };
  const nodes = [
    node("linear", ["x", "", "whole", "bias"], "y", plain),
    node("linear", ["y", "", "other", "bias"], "z", plain),
  ];
  const constants = { whole, other: noise(3, 3), bias: noise(3) };
  const graph = graphOf({ inputs: { x: ["batch", 4] }, constants, nodes, output: "z" });
  const rounded = roundedGraph(graph, [trialInputs(graph)]);
  const [first, second] = rounded.nodes.map((one) => rounded.constants.get(inputOf(one, 2)));
  expect(first?.data).toEqual(whole.data);
  expect(second?.data).not.toEqual(constants.other.data);
});
