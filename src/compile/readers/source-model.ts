// What a reader returns: the graph, how inputs become its values, and what the model's files recommend.
import type { Pooling } from "../../contract/bundle/operations.ts";
import type { Graph } from "../graph.ts";
import type { SourceFile } from "./source-file.ts";

export interface TextRules {
  readonly maxTokens: number;
  readonly pooling: Pooling;
  readonly normalise: boolean;
  /** `tokenizer.json`, `tokenizer_config.json` */
  readonly tokenizer: readonly [SourceFile, SourceFile];
}

export interface SourceModel {
  readonly graph: Graph;
  readonly text: TextRules | null;
  readonly files: readonly SourceFile[];
}
