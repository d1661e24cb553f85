// The command `compile`: from the files of a pretrained model to a bundle.

import type { CompiledBundle } from "../../compile/bundle/assemble.ts";
import { PRODUCT_WEIGHTS, TABLE_WEIGHTS } from "../../compile/bundle/formats.ts";
import { parseTap } from "../../compile/bundle/taps.ts";
import { writeBundle } from "../../compile/bundle/write.ts";
import { compileModel } from "../../compile/compile.ts";
import { readHuggingFaceFolder } from "../../compile/readers/hugging-face.ts";
import type { SourceModel } from "../../compile/readers/source-model.ts";
import type { Command } from "./command.ts";

const text = { type: "string" } as const;

export const compile: Command = {
  summary: "Compiles a pretrained model to a bundle that the Worker can run.",
  positionals: ["model"],
  options: {
    out: text,
    id: text,
    tap: { type: "string", multiple: true },
    weights: text,
    embeddings: text,
    "max-tokens": text,
    instruction: text,
    name: text,
    url: text,
    revision: text,
    licence: text,
  },
  async run(values, [path = ""]) {
    const given = (name: string, fallback?: string): string => optionOf(values, name, fallback);
    const maxTokens = Number(given("max-tokens", "0"));
    const model = readHuggingFaceFolder(path);
    const compiled = compileModel(withText(model, maxTokens, given("instruction", "")), {
      id: given("id"),
      source: {
        name: given("name", ""),
        url: given("url", ""),
        revision: given("revision", ""),
        licence: given("licence", ""),
      },
      formats: {
        products: oneOf(PRODUCT_WEIGHTS, "weights", given("weights", "int8")),
        tables: oneOf(TABLE_WEIGHTS, "embeddings", given("embeddings", "int4")),
      },
      taps: ((values.tap ?? []) as string[]).map(parseTap),
    });
    writeBundle(compiled, given("out"));
    process.stdout.write(`${summaryOf(compiled)}\n`);
  },
};

/** The model with what the caller says about its windows of text. */
function withText(model: SourceModel, maxTokens: number, instruction: string): SourceModel {
  const { input } = model;
  if (input.modality !== "text") return model;
  const most = maxTokens > 0 ? Math.min(maxTokens, input.maxTokens) : input.maxTokens;
  return { ...model, input: { ...input, maxTokens: most, instruction } };
}

function summaryOf({ bundle, pieces }: CompiledBundle): string {
  const { operations, taps, loss, peakBytes, digest } = bundle;
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const lines = [
    `${operations.length} operations, ${mebibytes(bytes)} in ${pieces.length} pieces, activations ${mebibytes(peakBytes)}`,
    ...taps.map(({ name, dimension, pooling }) => `tap "${name}": ${dimension} numbers, ${pooling}`),
    ...loss.taps.map(
      ({ name, meanCosine, worstCosine }) =>
        `loss at "${name}": cosine to float32 ${meanCosine} (worst ${worstCosine}) over ${loss.samples} samples`,
    ),
    `digest ${digest}`,
  ];
  return lines.join("\n");
}

function optionOf(values: Readonly<Record<string, unknown>>, name: string, fallback?: string): string {
  const value = values[name] ?? fallback;
  if (typeof value === "string") return value;
  throw new Error(`The option --${name} is missing`);
}

function oneOf<Name extends string>(names: readonly Name[], option: string, given: string): Name {
  const found = names.find((name) => name === given);
  if (found) return found;
  throw new Error(`--${option} is ${given}; expected one of ${names.join(", ")}`);
}
