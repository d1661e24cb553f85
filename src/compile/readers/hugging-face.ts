// Reads a folder of Hugging Face: config.json, model.safetensors, the tokenizer, and the rules of sentence-transformers if it has them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Pooling } from "../../contract/bundle/operations.ts";
import { CompileError } from "../compile-error.ts";
import { bertConfig, bertGraph } from "./bert.ts";
import { Safetensors } from "./safetensors.ts";
import { parseJson, readSourceFile, type SourceFile } from "./source-file.ts";
import type { FeatureRules, SourceModel, TextRules } from "./source-model.ts";

export function readHuggingFaceFolder(folder: string): SourceModel {
  const config = readSourceFile(join(folder, "config.json"));
  const weights = readSourceFile(join(folder, "model.safetensors"));
  const bert = bertConfig(parseJson(config), config.path);
  const input = readTextRules(folder, bert.positions);
  const graph = bertGraph(new Safetensors(weights), bert);
  const files = [config, weights, ...input.tokenizer];
  return { graph, input, feature: readFeatureRules(folder), names: new Map(), files };
}

/** Of a folder that has a tokenizer, whatever the form of the weights. `positions`: the most tokens that the model takes. */
export function readTextRules(folder: string, positions: number): TextRules {
  const tokenizer = readSourceFile(join(folder, "tokenizer.json"));
  const tokenizerConfig = readSourceFile(join(folder, "tokenizer_config.json"));
  parseJson(tokenizer);
  const longest = Number(parseJson(tokenizerConfig).model_max_length ?? positions);
  const own = optionalJson(folder, "sentence_bert_config.json")?.max_seq_length;
  return {
    modality: "text",
    instruction: "",
    maxTokens: Math.min(positions, longest, Number(own ?? positions)),
    tokenizer: [tokenizer, tokenizerConfig],
  };
}

/** By the modules of sentence-transformers; the mean over tokens if there are none. */
export const readFeatureRules = (folder: string): FeatureRules => ({
  pooling: poolingOf(folder),
  normalise: modulesOf(folder).some((type) => type.endsWith(".Normalize")),
});

const optionalFile = (folder: string, name: string): SourceFile | null =>
  existsSync(join(folder, name)) ? readSourceFile(join(folder, name)) : null;

function optionalJson(folder: string, name: string): Record<string, unknown> | null {
  const file = optionalFile(folder, name);
  return file && parseJson(file);
}

/** The types of the modules of sentence-transformers. */
function modulesOf(folder: string): string[] {
  const file = optionalFile(folder, "modules.json");
  if (!file) return [];
  const modules: unknown = JSON.parse(new TextDecoder().decode(file.bytes));
  return Array.isArray(modules) ? modules.map((module) => String(module?.type)) : [];
}

const POOLING_MODES: Readonly<Record<string, Pooling>> = {
  pooling_mode_mean_tokens: "mean",
  pooling_mode_cls_token: "first",
  pooling_mode_max_tokens: "max",
  pooling_mode_lasttoken: "last",
};

function poolingOf(folder: string): Pooling {
  const config = optionalJson(folder, "1_Pooling/config.json");
  if (!config) return "mean";
  const modes = Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true);
  const [mode = ""] = modes;
  const pooling = POOLING_MODES[mode];
  if (pooling && modes.length === 1) return pooling;
  const covered = Object.keys(POOLING_MODES).join(", ");
  throw new CompileError(join(folder, "1_Pooling/config.json"), `pooling by ${modes}; covered: one of ${covered}`);
}
