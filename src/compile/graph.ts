// The intermediate graph: what every reader makes, every pass rewrites, and lowering turns into operations of a bundle. Operations with
// ONNX's names have ONNX's meaning (images are [batch, channels, height, width]); fused ones have the names of bundle operations.
import type { ElementType, Tensor } from "./tensor.ts";

/** A number, or a name: `batch`, `sequence`, or a product of numbers and names, such as `12*batch`. */
export type Dim = number | string;
export type Shape = readonly Dim[];

export type AttributeValue = number | string | readonly number[] | Tensor;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface GraphNode {
  readonly op: string;
  /** Unique in the graph. */
  readonly name: string;
  /** Names of values and constants. An empty name: an optional input that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface GraphInput {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** What the Worker gives it always: one number, or the place of each token. It disappears from the graph. */
  readonly assumed?: number | "places";
}

export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly string[];
  /** Every node comes after those whose outputs it reads. */
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** The inputs of fused operations: values first, then weights. A question mark: may be absent. */
export const FUSED_INPUTS = {
  embed: { values: ["ids"], weights: ["table", "positions"] },
  "layer-norm": { values: ["x", "residual?"], weights: ["gamma", "beta"] },
  linear: { values: ["x", "residual?"], weights: ["weight", "bias", "smooth?"] },
  attention: { values: ["query", "key", "value"], weights: [] },
  conv: { values: ["x", "residual?"], weights: ["weight", "bias"] },
  depthwise: { values: ["x"], weights: ["weight", "bias"] },
  add: { values: ["a", "b"], weights: [] },
  multiply: { values: ["a", "b"], weights: [] },
  "window-pool": { values: ["x"], weights: [] },
  pool: { values: ["x"], weights: [] },
  normalise: { values: ["x"], weights: [] },
  "log-mel": { values: ["samples"], weights: ["window", "mel", "dft?"] },
} as const;
export type FusedName = keyof typeof FUSED_INPUTS;

export const isFused = (op: string): op is FusedName => Object.hasOwn(FUSED_INPUTS, op);

export const outputOf = ({ outputs }: GraphNode): string => outputs[0] as string;
export const inputOf = ({ inputs }: GraphNode, at: number): string => inputs[at] ?? "";
