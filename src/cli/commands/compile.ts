// The command `compile`: from the files of a pretrained model to a bundle.

import { PRODUCT_WEIGHTS, TABLE_WEIGHTS } from "../../compile/bundle/formats.ts";
import { parseTap } from "../../compile/bundle/taps.ts";
import { writeBundle } from "../../compile/bundle/write.ts";
import { compileModel } from "../../compile/compile.ts";
import { readHuggingFaceFolder } from "../../compile/readers/hugging-face.ts";
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
    const compiled = compileModel(readHuggingFaceFolder(path), {
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
      maxTokens: maxTokens > 0 ? maxTokens : null,
      instruction: given("instruction", ""),
    });
    writeBundle(compiled, given("out"));
  },
};

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
