// Every form of a model that is read, and how it is recognised.
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { CompileError } from "../compile-error.ts";
import type { Graph } from "../graph.ts";
import { readFeatureRules, readHuggingFaceFolder } from "./hugging-face.ts";
import { type InputOptions, inputRulesOf } from "./input-rules.ts";
import { readOnnx } from "./onnx/read.ts";
import { prepareGraph } from "./prepare.ts";
import { readSourceFile, type SourceFile } from "./source-file.ts";
import type { FeatureRules, InputRules, SourceModel } from "./source-model.ts";
import { readTflite } from "./tflite/read.ts";

export interface ReadOptions extends InputOptions {
  readonly output: string | null;
  /** Values of the file that become taps. */
  readonly wanted: readonly string[];
}

interface GraphFile {
  readonly graph: Graph;
  readonly files: readonly SourceFile[];
}

/** By the end of the file's name. */
const READERS: Readonly<Record<string, (file: SourceFile) => GraphFile>> = {
  ".onnx": readOnnx,
  ".tflite": readTflite,
};

export function readModel(path: string, options: ReadOptions): SourceModel {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder && existsSync(join(path, "model.safetensors"))) return readHuggingFaceFolder(path);
  const file = isFolder ? join(path, "model.onnx") : path;
  const [, read] = Object.entries(READERS).find(([end]) => file.endsWith(end)) ?? [];
  if (read) return readGraphFile(read(readSourceFile(file)), file, options);
  const covered = `a folder with model.safetensors or model.onnx, or a file that ends with ${Object.keys(READERS).join(", ")}`;
  throw new CompileError(path, `expected ${covered}`);
}

function readGraphFile({ graph, files }: GraphFile, path: string, options: ReadOptions): SourceModel {
  const prepared = prepareGraph(graph, options.output, options.wanted);
  const input = inputRulesOf(prepared.graph, options, path);
  const feature = featureRules(input, options.tokenizer ?? dirname(path), prepared.pooling);
  const tokenizer = input.modality === "text" ? input.tokenizer : [];
  return { graph: prepared.graph, input, feature, names: prepared.names, files: [...files, ...tokenizer] };
}

/** Of texts, as the files of the tokenizer's folder say; of others, as the graph pools. */
function featureRules(input: InputRules, tokenizer: string, pooling: FeatureRules["pooling"] | null): FeatureRules {
  const rules: FeatureRules =
    input.modality === "text" ? readFeatureRules(tokenizer) : { pooling: "mean", normalise: false };
  return pooling === null ? rules : { ...rules, pooling };
}
