// Embeds the inputs of an upload, with turns of the event loop for other requests.
import type { ParsedInput } from "../../backbones/backbone.ts";
import type { CheckedRow, RowRules } from "../../backbones/example-row.ts";
import type { NewFeatures } from "../../contract/rpc.ts";
import type { Turns } from "../../core/turns.ts";
import type { Meter } from "../metering/meter.ts";

export interface Embedding extends Pick<RowRules, "backbone" | "dimension"> {
  readonly turns: Turns;
  readonly meter: Meter | undefined;
}

/** The features of the inputs in `rows` whose digests are in `wanted`. */
export async function featuresOf(
  rows: readonly CheckedRow[],
  wanted: ReadonlySet<string>,
  embedding: Embedding,
): Promise<NewFeatures> {
  const inputs = new Map<string, ParsedInput>();
  for (const { example, input } of rows) if (wanted.has(example.digest)) inputs.set(example.digest, input);
  await embedding.meter?.spendInputs(inputs.size, "upload");
  return { digests: [...inputs.keys()], values: await embed([...inputs.values()], embedding) };
}

/** [inputs][dimension], in order. */
async function embed(inputs: readonly ParsedInput[], embedding: Embedding): Promise<Float32Array> {
  const { backbone, dimension, turns } = embedding;
  const { values } = await backbone.embed(inputs, dimension, () => turns.take());
  if (values.length !== inputs.length * dimension) throw new Error(`${backbone.id} gave ${values.length} numbers`);
  return values;
}
