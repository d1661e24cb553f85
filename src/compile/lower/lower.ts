// Lowers a graph of fused operations to operations of a bundle: images become [batch, height, width, channels], kernels become
// matrices, and sizes get the bundle's names.
import type { Size } from "../../contract/bundle/bundle.ts";
import type { BundleOperation } from "../../contract/bundle/operations.ts";
import { CompileError } from "../compile-error.ts";
import {
  FUSED_INPUTS,
  type FusedName,
  type Graph,
  type GraphNode,
  inputOf,
  isFused,
  outputOf,
  type Shape,
} from "../graph.ts";
import { attributesOf, inferFacts } from "../infer.ts";
import { nearestRunningForm } from "../nearest-form.ts";
import { placeOf } from "../operations/attributes.ts";
import type { Tensor } from "../tensor.ts";
import { weightOf } from "./weights.ts";

export interface LoweredOperation {
  readonly op: FusedName;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: BundleOperation["attributes"];
  /** By role, in the order of the shape that the bundle states. */
  readonly weights: Readonly<Record<string, Tensor>>;
}

export interface LoweredValue {
  readonly shape: readonly Size[];
  readonly type: "f32" | "ids";
}

export interface Lowered {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly operations: readonly LoweredOperation[];
  readonly values: ReadonlyMap<string, LoweredValue>;
}

export function lowerGraph(graph: Graph): Lowered {
  const facts = inferFacts(graph);
  const inputs = graph.inputs.map(({ name }) => name);
  const names = [...inputs, ...graph.nodes.map(outputOf)];
  const values = names.map((name): [string, LoweredValue] => {
    const { shape = [], type } = facts.get(name) ?? {};
    return [name, { shape: bundleShape(shape, name), type: type === "int" ? "ids" : "f32" }];
  });
  return {
    inputs,
    output: graph.outputs[0] as string,
    operations: graph.nodes.map((node) => lowerNode(node, graph)),
    values: new Map(values),
  };
}

const SIZE_NAMES: Readonly<Record<string, Size>> = { batch: "batch", sequence: "tokens" };

function bundleShape(shape: Shape, name: string): Size[] {
  const sizes = shape.map((dim): Size => {
    const size = typeof dim === "number" ? dim : SIZE_NAMES[dim];
    if (size !== undefined) return size;
    throw new CompileError(
      `value "${name}"`,
      `its shape is [${shape.join(", ")}]; sizes may be numbers, batch, sequence`,
    );
  });
  const [batch = 0, channels = 0, height = 0, width = 0] = sizes;
  return sizes.length === 4 ? [batch, height, width, channels] : sizes;
}

function lowerNode(node: GraphNode, { constants }: Graph): LoweredOperation {
  const { op, name } = node;
  if (!isFused(op)) {
    const found = `it is not part of a form that runs in the Worker; ${attributesOf(node)}`;
    throw new CompileError(placeOf(node), `${found}. ${nearestRunningForm(op)}`);
  }
  const { values, weights } = FUSED_INPUTS[op];
  const given = weights.map((role, at): [string, Tensor | undefined] => [
    role.replace("?", ""),
    constants.get(inputOf(node, values.length + at)),
  ]);
  const present = given.filter((entry): entry is [string, Tensor] => entry[1] !== undefined);
  return {
    op,
    name,
    inputs: values.map((_, at) => inputOf(node, at)).filter((input) => input !== ""),
    output: outputOf(node),
    attributes: bundleAttributes(op, node),
    weights: Object.fromEntries(present.map(([role, tensor]) => [role, weightOf(op, role, tensor)])),
  };
}

const WINDOW = ["kernel", "strides", "dilations", "pads"];

/** The attributes that the bundle knows: a node may have more, which only the compiler reads. */
const ATTRIBUTES: Readonly<Record<FusedName, readonly string[]>> = {
  embed: ["firstPosition"],
  "layer-norm": ["epsilon"],
  linear: ["activation"],
  attention: ["heads", "scale"],
  conv: [...WINDOW, "activation"],
  depthwise: [...WINDOW, "activation"],
  add: ["activation"],
  multiply: ["activation"],
  "window-pool": [...WINDOW, "kind"],
  pool: ["kind"],
  normalise: ["epsilon"],
  "log-mel": ["frameLength", "hopLength", "fftLength", "offset"],
};

function bundleAttributes(op: FusedName, { attributes }: GraphNode): BundleOperation["attributes"] {
  const entries = ATTRIBUTES[op].map((name) => [name, attributes[name]]);
  return Object.fromEntries(entries) as BundleOperation["attributes"];
}
