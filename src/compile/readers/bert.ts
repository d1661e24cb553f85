// BERT as a graph of fused operations, from the tensors and the configuration that Hugging Face's transformers write.
import type { Activation } from "../../contract/bundle/operations.ts";
import { CompileError } from "../compile-error.ts";
import type { Attributes, Graph, GraphNode } from "../graph.ts";
import { type Tensor, transposed } from "../tensor.ts";
import type { Safetensors } from "./safetensors.ts";

export interface BertConfig {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly innerWidth: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly tokenTypes: number;
  readonly epsilon: number;
  readonly activation: Activation;
}

const ACTIVATION_NAMES: Readonly<Record<string, Activation>> = {
  gelu: "gelu",
  gelu_new: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  relu: "relu",
  silu: "silu",
};

const LIMITS = {
  num_hidden_layers: 64,
  num_attention_heads: 64,
  vocab_size: 1_000_000,
  max_position_embeddings: 65_536,
};
const MOST_WIDTH = 16_384;

/** Reads `config.json`. */
export function bertConfig(config: Readonly<Record<string, unknown>>, place: string): BertConfig {
  const { model_type: type, position_embedding_type: kind = "absolute", hidden_act: act } = config;
  if (type !== "bert") throw new CompileError(place, `model_type is ${JSON.stringify(type)}; "bert" is covered`);
  if (kind !== "absolute") throw new CompileError(place, `position_embedding_type is ${kind}; "absolute" is covered`);
  const activation = ACTIVATION_NAMES[String(act)];
  if (!activation) throw new CompileError(place, `hidden_act is ${act}; covered: ${Object.keys(ACTIVATION_NAMES)}`);
  const count = (name: string, most: number): number => countIn(config, name, most, place);
  const width = count("hidden_size", MOST_WIDTH);
  const heads = count("num_attention_heads", LIMITS.num_attention_heads);
  if (width % heads !== 0) throw new CompileError(place, `hidden_size ${width} is not a multiple of ${heads} heads`);
  return {
    layers: count("num_hidden_layers", LIMITS.num_hidden_layers),
    heads,
    width,
    innerWidth: count("intermediate_size", MOST_WIDTH),
    vocabulary: count("vocab_size", LIMITS.vocab_size),
    positions: count("max_position_embeddings", LIMITS.max_position_embeddings),
    tokenTypes: count("type_vocab_size", MOST_WIDTH),
    epsilon: Number(config.layer_norm_eps ?? 1e-12),
    activation,
  };
}

function countIn(config: Readonly<Record<string, unknown>>, name: string, most: number, place: string): number {
  const value = config[name];
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
  throw new CompileError(place, `${name} is ${JSON.stringify(value)}; expected an integer from 1 to ${most}`);
}

export function bertGraph(tensors: Safetensors, config: BertConfig): Graph {
  return new BertBuilder(tensors, config).graph();
}

const WORDS = "embeddings.word_embeddings.weight";

class BertBuilder {
  readonly #tensors: Safetensors;
  readonly #config: BertConfig;
  readonly #prefix: string;
  readonly #nodes: GraphNode[] = [];
  readonly #constants = new Map<string, Tensor>();

  constructor(tensors: Safetensors, config: BertConfig) {
    this.#tensors = tensors;
    this.#config = config;
    const words = tensors.names.find((name) => name.endsWith(WORDS)) ?? WORDS;
    this.#prefix = words.slice(0, -WORDS.length);
  }

  graph(): Graph {
    let x = this.#embeddings();
    for (let layer = 0; layer < this.#config.layers; layer++) x = this.#layer(`encoder.layer.${layer}`, x);
    return {
      inputs: [{ name: "ids", type: "int", shape: ["batch", "sequence"] }],
      outputs: [x],
      nodes: this.#nodes,
      constants: this.#constants,
    };
  }

  #embeddings(): string {
    const { vocabulary, positions, tokenTypes, width } = this.#config;
    const table = this.#constant(WORDS, this.#read(WORDS, [vocabulary, width]));
    const places = this.#read("embeddings.position_embeddings.weight", [positions, width]);
    const types = this.#read("embeddings.token_type_embeddings.weight", [tokenTypes, width]);
    // A text has one segment: every token has the type 0.
    for (let at = 0; at < places.data.length; at++)
      places.data[at] = (places.data[at] as number) + (types.data[at % width] as number);
    const rows = this.#constant("embeddings.position_embeddings.weight", places);
    const sum = this.#node("embed", "embeddings", ["ids", table, rows], { firstPosition: 0 });
    return this.#layerNorm("embeddings.LayerNorm", sum, "");
  }

  #layer(name: string, x: string): string {
    const { width, innerWidth, heads, activation } = this.#config;
    const self = `${name}.attention.self`;
    const [query, key, value] = ["query", "key", "value"].map((part) =>
      this.#linear(`${self}.${part}`, x, width, width),
    );
    const inputs = [query as string, key as string, value as string];
    const context = this.#node("attention", self, inputs, { heads, scale: 1 / Math.sqrt(width / heads) });
    const attended = this.#linear(`${name}.attention.output.dense`, context, width, width);
    const middle = this.#layerNorm(`${name}.attention.output.LayerNorm`, attended, x);
    const inner = this.#linear(`${name}.intermediate.dense`, middle, width, innerWidth, activation);
    const outer = this.#linear(`${name}.output.dense`, inner, innerWidth, width);
    return this.#layerNorm(`${name}.output.LayerNorm`, outer, middle);
  }

  #linear(name: string, x: string, inputs: number, outputs: number, activation: Activation = "none"): string {
    const weight = this.#constant(`${name}.weight`, transposed(this.#read(`${name}.weight`, [outputs, inputs])));
    const bias = this.#constant(`${name}.bias`, this.#read(`${name}.bias`, [outputs]));
    return this.#node("linear", name, [x, "", weight, bias], { activation });
  }

  #layerNorm(name: string, x: string, residual: string): string {
    const { width, epsilon } = this.#config;
    const [gamma, beta] = ["weight", "bias"].map((part) =>
      this.#constant(`${name}.${part}`, this.#read(`${name}.${part}`, [width])),
    );
    return this.#node("layer-norm", name, [x, residual, gamma as string, beta as string], { epsilon });
  }

  #node(op: string, name: string, inputs: readonly string[], attributes: Attributes): string {
    this.#nodes.push({ op, name, inputs, outputs: [name], attributes });
    return name;
  }

  #read = (name: string, shape: readonly number[]): Tensor => this.#tensors.read(`${this.#prefix}${name}`, shape);

  #constant(name: string, tensor: Tensor): string {
    this.#constants.set(name, tensor);
    return name;
  }
}
