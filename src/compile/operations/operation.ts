// Defines an operation of the intermediate graph: what it says about its outputs before anything runs, and what it computes.
import type { GraphNode, Shape } from "../graph.ts";
import type { ElementType, Tensor } from "../tensor.ts";

/** What is known of a value without running the graph. */
export interface Facts {
  readonly type: ElementType;
  readonly shape: Shape;
  readonly constant?: Tensor;
}

export type Inputs<Value> = readonly (Value | undefined)[];

export interface OperationSpec {
  infer(node: GraphNode, inputs: Inputs<Facts>): readonly Facts[];
  /** Absent inputs are undefined. */
  run(node: GraphNode, inputs: Inputs<Tensor>): readonly Tensor[];
}

export const factsOf = (shape: Shape, type: ElementType = "f32"): Facts => ({ type, shape });
