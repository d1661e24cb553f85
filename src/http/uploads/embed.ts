// Embeds the inputs of one upload or delivery, with turns of the event loop for other requests.
import { BackboneAway, valuesOf } from "../../backbones/backbone.ts";
import type { CheckedRow, RowRules } from "../../backbones/example-row.ts";
import type { NewFeatures } from "../../contract/example-rpc.ts";
import type { ParsedInput } from "../../contract/inputs.ts";
import type { Turns } from "../../core/turns.ts";
import type { Meter } from "../metering/meter.ts";

export class Embedder {
  readonly #rules: Pick<RowRules, "backbone" | "dimension">;
  readonly #turns: Turns;
  #isAway = false;

  constructor(rules: Pick<RowRules, "backbone" | "dimension">, turns: Turns) {
    this.#rules = rules;
    this.#turns = turns;
  }

  /**
   * The features of inputs by digest. If the backbone is away, returns the inputs as pending, which the head embeds later. From
   * then on it does not call the backbone again, because each attempt may take seconds.
   */
  async featuresByDigest(inputs: ReadonlyMap<string, ParsedInput>): Promise<NewFeatures> {
    const digests = [...inputs.keys()];
    if (!this.#isAway) {
      try {
        return { digests, values: await this.#embed([...inputs.values()]) };
      } catch (error) {
        if (!(error instanceof BackboneAway)) throw error;
        this.#isAway = true;
      }
    }
    return { digests: [], values: new Float32Array(), pending: digests };
  }

  /** [inputs][dimension], in order. */
  async #embed(inputs: readonly ParsedInput[]): Promise<Float32Array> {
    const { backbone, dimension } = this.#rules;
    return valuesOf(await backbone.embed(inputs, dimension, this.#turns), backbone, inputs.length * dimension);
  }
}

interface Embedding {
  readonly embedder: Embedder;
  readonly meter: Meter | undefined;
}

/** The features of the inputs in `rows` whose digests are in `wanted`. */
export async function newFeatures(
  rows: readonly CheckedRow[],
  wanted: ReadonlySet<string>,
  { embedder, meter }: Embedding,
): Promise<NewFeatures> {
  const inputs = new Map<string, ParsedInput>();
  for (const { example, input } of rows) if (wanted.has(example.digest)) inputs.set(example.digest, input);
  await meter?.spendInputs(inputs.size, "upload");
  return embedder.featuresByDigest(inputs);
}
