// The command `compile`: from the files of a pretrained model to a bundle.
import type { CompiledBundle } from "../../compile/bundle/assemble.ts";
import { PRODUCT_WEIGHTS, TABLE_WEIGHTS } from "../../compile/bundle/formats.ts";
import { parseTap } from "../../compile/bundle/taps.ts";
import { writeBundle } from "../../compile/bundle/write.ts";
import { compileModel } from "../../compile/compile.ts";
import { type ReadOptions, readModel } from "../../compile/readers/registry.ts";
import type { SourceModel } from "../../compile/readers/source-model.ts";
import type { Command } from "./command.ts";

const text = { type: "string" } as const;

export const compile: Command = {
  summary:
    "Compiles a pretrained model (a folder of Hugging Face, an ONNX or a TFLite file) to a bundle for the Worker.",
  positionals: ["model"],
  options: {
    out: text,
    id: text,
    tap: { type: "string", multiple: true },
    output: text,
    weights: text,
    tolerance: text,
    embeddings: text,
    tokenizer: text,
    "max-tokens": text,
    instruction: text,
    mean: text,
    deviation: text,
    filter: text,
    "shorter-side": text,
    "samples-per-second": text,
    hop: text,
    name: text,
    url: text,
    revision: text,
    licence: text,
  },
  async run(values, [path = ""]) {
    const given = new Options(values);
    const taps = ((values.tap ?? []) as string[]).map(parseTap);
    const wanted = taps.flatMap(({ place }) => (place === null ? [] : [place]));
    const compiled = compileModel(withText(readModel(path, readOptions(given, wanted)), given), {
      id: given.text("id"),
      source: {
        name: given.text("name", ""),
        url: given.text("url", ""),
        revision: given.text("revision", ""),
        licence: given.text("licence", ""),
      },
      formats: {
        products: given.oneOf("weights", PRODUCT_WEIGHTS, "int8"),
        tables: given.oneOf("embeddings", TABLE_WEIGHTS, "int4"),
      },
      tolerance: given.share("tolerance"),
      taps,
    });
    writeBundle(compiled, given.text("out"));
    process.stdout.write(`${summaryOf(compiled)}\n`);
  },
};

/** The options as they are given, checked. */
class Options {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  optional(name: string): string | null {
    const value = this.#values[name];
    return typeof value === "string" ? value : null;
  }

  text(name: string, fallback?: string): string {
    const value = this.optional(name) ?? fallback;
    if (value !== undefined) return value;
    throw new Error(`The option --${name} is missing`);
  }

  count(name: string): number | null {
    const value = this.optional(name);
    if (value === null) return null;
    if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
    throw new Error(`--${name} is ${value}; expected a positive integer`);
  }

  share(name: string): number | null {
    const value = this.optional(name);
    if (value === null) return null;
    if (Number(value) > 0 && Number(value) < 1) return Number(value);
    throw new Error(`--${name} is ${value}; expected a number between 0 and 1`);
  }

  /** One number for all channels, or one for each of red, green and blue. */
  channels(name: string): readonly [number, number, number] | null {
    const value = this.optional(name);
    if (value === null) return null;
    const numbers = value.split(",").map(Number);
    const [red = Number.NaN, green = red, blue = red] = numbers;
    if ([1, 3].includes(numbers.length) && numbers.every(Number.isFinite)) return [red, green, blue];
    throw new Error(`--${name} is ${value}; expected one number, or three separated by commas`);
  }

  oneOf<Name extends string>(option: string, names: readonly Name[], fallback: Name): Name {
    const value = this.text(option, fallback);
    const found = names.find((name) => name === value);
    if (found) return found;
    throw new Error(`--${option} is ${value}; expected one of ${names.join(", ")}`);
  }
}

const readOptions = (given: Options, wanted: readonly string[]): ReadOptions => ({
  output: given.optional("output"),
  wanted,
  tokenizer: given.optional("tokenizer"),
  mean: given.channels("mean"),
  deviation: given.channels("deviation"),
  filter: given.oneOf("filter", ["bilinear", "bicubic", "lanczos"], "bilinear"),
  shorterSide: given.count("shorter-side"),
  samplesPerSecond: given.count("samples-per-second"),
  hopSamples: given.count("hop"),
});

/** The model with what the caller says about its windows of text. */
function withText(model: SourceModel, given: Options): SourceModel {
  const { input } = model;
  if (input.modality !== "text") return model;
  const maxTokens = Math.min(given.count("max-tokens") ?? input.maxTokens, input.maxTokens);
  return { ...model, input: { ...input, maxTokens, instruction: given.text("instruction", "") } };
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
