// Reads a TensorFlow Lite file as the graph of a backbone.
import { CompileError } from "../../compile-error.ts";
import type { Graph, GraphInput } from "../../graph.ts";
import { withoutDeadCode } from "../../passes/dead-code.ts";
import { fuseLogMel } from "../../passes/fuse-log-mel.ts";
import { applyFusion } from "../../passes/fusion.ts";
import { simplify } from "../../passes/simplify.ts";
import type { SourceFile } from "../source-file.ts";
import { GraphBuilder } from "./builder.ts";
import { readTfliteModel, type TfliteModel } from "./model.ts";
import { OPERATORS } from "./operators.ts";

export function readTflite(file: SourceFile): { readonly graph: Graph; readonly files: readonly SourceFile[] } {
  const model = readTfliteModel(file);
  const input = graphInput(model, file.path);
  const builder = new GraphBuilder(model, new Map([[model.inputs[0] ?? 0, input.name]]));
  for (const operator of model.operators) {
    const known = OPERATORS[operator.code];
    if (!known) {
      const covered = Object.values(OPERATORS).map(({ name }) => name);
      const place = `${file.path}, operator of "${builder.nameOf(operator.outputs[0] ?? 0)}"`;
      throw new CompileError(
        place,
        `operator ${operator.code} of the schema is not covered; covered: ${covered.join(", ")}`,
      );
    }
    known.convert(builder, operator);
  }
  const { nodes, constants } = builder;
  const graph: Graph = { inputs: [input], outputs: model.outputs.map(builder.nameOf), nodes, constants };
  return { graph: withBatch(graph), files: [file] };
}

/** Files are written for one input: pixels [1, height, width, 3], or samples [1, length] or [length]. */
function graphInput({ inputs, tensors }: TfliteModel, path: string): GraphInput {
  const shape = tensors[inputs[0] ?? -1]?.shape ?? [];
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  if (inputs.length === 1 && shape.length === 4 && batch === 1)
    return { name: "pixels", type: "f32", shape: [1, channels, height, width] };
  if (inputs.length === 1 && shape.length === 2 && batch === 1) return { name: "samples", type: "f32", shape };
  throw new CompileError(
    path,
    `it has ${inputs.length} inputs, the first [${shape.join(", ")}]; pixels or samples are covered`,
  );
}

/** The front end of sounds mixes the batch with the frames, so it is fused before the batch gets its name. */
function withBatch(graph: Graph): Graph {
  const [input] = graph.inputs as [GraphInput];
  const fused = input.name === "samples" ? withoutFrontEnd(applyFusion(simplify(graph), fuseLogMel)) : graph;
  return { ...fused, inputs: [{ ...input, shape: ["batch", ...input.shape.slice(1)] }] };
}

/** Drops the outputs that are made before the log-mel spectrogram, or are a copy of it. */
function withoutFrontEnd(graph: Graph): Graph {
  const after = new Set<string>();
  for (const { op, inputs, outputs } of graph.nodes)
    if (op === "log-mel" || inputs.some((name) => after.has(name))) for (const name of outputs) after.add(name);
  const outputs = graph.outputs.filter((name) => after.has(name));
  return outputs.length > 0 ? withoutDeadCode({ ...graph, outputs }) : graph;
}
