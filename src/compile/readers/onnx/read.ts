// Reads an ONNX file as the graph of a backbone: finds out which of its inputs is the text, the picture or the sound.
import { CompileError } from "../../compile-error.ts";
import type { Dim, Graph, GraphInput, GraphNode } from "../../graph.ts";
import type { SourceFile } from "../source-file.ts";
import { type OnnxModel, type OnnxValue, readOnnxModel } from "./model.ts";

export interface OnnxGraph {
  readonly graph: Graph;
  readonly files: readonly SourceFile[];
}

/** Inputs that always have the same numbers here: a text has no padding and one segment. */
const ASSUMED: Readonly<Record<string, NonNullable<GraphInput["assumed"]>>> = {
  attention_mask: 1,
  token_type_ids: 0,
  position_ids: "places",
};

export function readOnnx(file: SourceFile): OnnxGraph {
  const model = readOnnxModel(file);
  const main = mainInput(model, file.path);
  const inputs = model.inputs.map((input) => graphInput(input, input === main, file.path));
  const renamed = (name: string): string =>
    name === main.name ? (inputs[model.inputs.indexOf(main)]?.name ?? name) : name;
  const nodes = model.nodes.map((node): GraphNode => ({ ...node, inputs: node.inputs.map(renamed) }));
  return {
    graph: { inputs, outputs: model.outputs, nodes: ordered(nodes), constants: model.constants },
    files: model.files,
  };
}

function mainInput({ inputs }: OnnxModel, path: string): OnnxValue {
  const candidates = inputs.filter(({ name }) => !Object.hasOwn(ASSUMED, name));
  const [main] = candidates;
  if (main && candidates.length === 1) return main;
  const names = inputs.map(({ name }) => name).join(", ");
  throw new CompileError(path, `its inputs are: ${names}; expected one, beside ${Object.keys(ASSUMED).join(", ")}`);
}

/** Ids [batch, sequence], pixels [batch, channels, height, width], or samples [batch, length]. */
function graphInput({ name, type, shape }: OnnxValue, isMain: boolean, path: string): GraphInput {
  if (!isMain) return { name, type, shape: ["batch", "sequence"], assumed: ASSUMED[name] ?? 0 };
  if (type === "int" && shape.length === 2) return { name: "ids", type, shape: ["batch", "sequence"] };
  const isFixed = shape.slice(1).every((dim) => typeof dim === "number" && dim > 0);
  const fixed: readonly Dim[] = ["batch", ...shape.slice(1)];
  if (type === "f32" && isFixed && shape.length === 4) return { name: "pixels", type, shape: fixed };
  if (type === "f32" && isFixed && shape.length === 2) return { name: "samples", type, shape: fixed };
  const covered = "integers [batch, sequence], numbers [batch, channels, height, width], numbers [batch, samples]";
  throw new CompileError(`${path}, input "${name}"`, `it is ${type} [${shape.join(", ")}]; covered: ${covered}`);
}

/** Files have nodes in an order in which they can run; checks it, so that no pass meets a value before it is made. */
function ordered(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const made = new Set<string>();
  const places = new Map(nodes.flatMap(({ outputs }, at) => outputs.map((name) => [name, at] as const)));
  nodes.forEach((node, at) => {
    const early = node.inputs.find((name) => places.has(name) && !made.has(name));
    if (early)
      throw new CompileError(`node "${node.name}" (${node.op})`, `it reads "${early}" before node ${at} made it`);
    for (const name of node.outputs) made.add(name);
  });
  return nodes;
}
