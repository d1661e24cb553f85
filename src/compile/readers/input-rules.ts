// How inputs become the values of a graph that came without such rules: from options of the caller, and from tokenizer files.
import { dirname } from "node:path";
import type { AudioPreprocessing, ImagePreprocessing } from "../../contract/bundle/bundle.ts";
import { CompileError } from "../compile-error.ts";
import { type Graph, inputOf } from "../graph.ts";
import { readTextRules } from "./hugging-face.ts";
import type { InputRules } from "./source-model.ts";

type Channels = readonly [number, number, number];

export interface InputOptions {
  /** The folder of the tokenizer; null: that of the model's file. */
  readonly tokenizer: string | null;
  readonly mean: Channels | null;
  readonly deviation: Channels | null;
  readonly filter: ImagePreprocessing["filter"];
  readonly shorterSide: number | null;
  readonly samplesPerSecond: number | null;
  readonly hopSamples: number | null;
}

export function inputRulesOf(graph: Graph, options: InputOptions, path: string): InputRules {
  const [input] = graph.inputs;
  const sizes = (input?.shape ?? []).slice(1).map(Number);
  if (input?.name === "ids") return readTextRules(options.tokenizer ?? dirname(path), positionsOf(graph));
  if (input?.name === "pixels") return imageRules(sizes, options, path);
  if (input?.name === "samples") return audioRules(sizes, options, path);
  throw new CompileError(path, "its output does not depend on its input");
}

/** The most tokens that the tables of the graph have places for. */
function positionsOf({ nodes, constants }: Graph): number {
  const rows = nodes
    .filter(({ op }) => op === "embed")
    .map((node) => (constants.get(inputOf(node, 2))?.shape[0] ?? 0) - Number(node.attributes.firstPosition ?? 0));
  return Math.min(...rows);
}

function imageRules(
  [channels, height = 0, width = 0]: readonly number[],
  options: InputOptions,
  path: string,
): ImagePreprocessing {
  const { mean, deviation, filter, shorterSide } = options;
  if (channels !== 3) throw new CompileError(path, `its pictures have ${channels} channels; 3 are covered`);
  if (!mean || !deviation)
    throw new CompileError(
      path,
      "the file does not say how a channel's 0 to 255 are scaled: give --mean and --deviation",
    );
  return { modality: "image", shorterSide, size: [height, width], filter, mean, deviation };
}

function audioRules([windowSamples = 0]: readonly number[], options: InputOptions, path: string): AudioPreprocessing {
  const { samplesPerSecond, hopSamples } = options;
  if (samplesPerSecond === null)
    throw new CompileError(path, "the file does not say how many samples a second has: give --samples-per-second");
  return { modality: "audio", samplesPerSecond, windowSamples, hopSamples: hopSamples ?? windowSamples };
}
