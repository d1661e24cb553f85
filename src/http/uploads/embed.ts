// Embeds the inputs of an upload, some at a time, so that others have turns of the event loop between them.
import type { ParsedInput } from "../../backbones/backbone.ts";
import type { CheckedRow, RowRules } from "../../backbones/example-row.ts";
import type { NewFeatures } from "../../contract/rpc.ts";
import type { Turns } from "../../core/turns.ts";
import { UPLOAD_WORK } from "../../core/work.ts";
import type { Meter } from "../meter.ts";

export interface Embedding extends Pick<RowRules, "backbone" | "dimension"> {
  readonly turns: Turns;
  readonly meter: Meter | undefined;
}

/** The features of those inputs of `rows` whose digests are wanted. */
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
  const values = new Float32Array(inputs.length * dimension);
  let at = 0;
  for (const some of groupsOf(inputs)) {
    const rows = await backbone.embed(some, dimension);
    if (rows.length !== some.length * dimension) throw new Error(`${backbone.id} gave ${rows.length} numbers`);
    values.set(rows, at);
    at += rows.length;
    await turns.spend(workOf(some));
  }
  return values;
}

const workOf = (inputs: readonly ParsedInput[]): number =>
  inputs.reduce((sum, { text }) => sum + UPLOAD_WORK.perCharacter * (text?.length ?? 0), 0);

/** As many inputs in each as are embedded between two turns, one at least. */
function* groupsOf(inputs: readonly ParsedInput[]): Generator<readonly ParsedInput[]> {
  let [from, work] = [0, 0];
  for (const [i, input] of inputs.entries()) {
    work += workOf([input]);
    if (work < UPLOAD_WORK.perTurn && i + 1 < inputs.length) continue;
    yield inputs.slice(from, i + 1);
    [from, work] = [i + 1, 0];
  }
}
