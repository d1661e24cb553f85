// What a reader returns: the graph, how inputs become its values, and what the model's files recommend.
import type { AudioPreprocessing, ImagePreprocessing } from "../../contract/bundle/bundle.ts";
import type { Pooling } from "../../contract/bundle/operations.ts";
import type { Graph } from "../graph.ts";
import type { SourceFile } from "./source-file.ts";

/** How the activations at a tap become a part of the feature, unless the caller says otherwise. */
export interface FeatureRules {
  readonly pooling: Pooling;
  readonly normalise: boolean;
}

export interface TextRules {
  readonly modality: "text";
  readonly maxTokens: number;
  readonly instruction: string;
  /** `tokenizer.json`, `tokenizer_config.json` */
  readonly tokenizer: readonly [SourceFile, SourceFile];
}

export type InputRules = TextRules | ImagePreprocessing | AudioPreprocessing;

export interface SourceModel {
  readonly graph: Graph;
  readonly input: InputRules;
  readonly feature: FeatureRules;
  /** What values of the file are called in the graph, where a pass has renamed them. */
  readonly names: ReadonlyMap<string, string>;
  readonly files: readonly SourceFile[];
}
