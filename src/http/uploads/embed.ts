// Embeds the inputs of an upload, some at a time, so that others have turns of the event loop between them.
import type { ParsedInput } from "../../backbones/backbone.ts";
import type { RowRules } from "../../backbones/example-row.ts";
import type { Turns } from "../../core/turns.ts";
import { UPLOAD_WORK } from "../../core/work.ts";

export interface Embedding extends Pick<RowRules, "backbone" | "dimension"> {
  readonly turns: Turns;
}

/** [inputs][dimension], in order. */
export async function embedInTurns(inputs: readonly ParsedInput[], embedding: Embedding): Promise<Float32Array> {
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
