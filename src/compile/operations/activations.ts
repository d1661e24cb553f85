// The activations that operations of a bundle can apply, as functions of one number.
import type { Activation } from "../../contract/bundle/operations.ts";
import type { GraphNode } from "../graph.ts";
import { textAttribute } from "./attributes.ts";

/** The error function (Abramowitz and Stegun 7.1.5 and 7.1.14): its series for small numbers, its continued fraction for others. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  return size < 2.5 ? erfSeries(x) : Math.sign(x) * (1 - erfcFraction(size));
}

function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function erfcFraction(x: number): number {
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const hardSigmoid = (x: number): number => Math.min(1, Math.max(0, x / 6 + 0.5));

export const ACTIVATION_FUNCTIONS: Readonly<Record<Activation, (x: number) => number>> = {
  none: (x) => x,
  relu: (x) => Math.max(0, x),
  relu6: (x) => Math.min(6, Math.max(0, x)),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  "gelu-tanh": (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  silu: (x) => x * sigmoid(x),
  sigmoid,
  tanh: Math.tanh,
  "hard-sigmoid": hardSigmoid,
  "hard-swish": (x) => x * hardSigmoid(x),
};

/** Applies the node's activation in place. */
export function activate(node: GraphNode, data: Float32Array): void {
  const kind = textAttribute(node, "activation", "none") as Activation;
  if (kind === "none") return;
  const f = ACTIVATION_FUNCTIONS[kind];
  for (let at = 0; at < data.length; at++) data[at] = f(data[at] as number);
}
