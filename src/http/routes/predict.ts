// Predictions: embed here, score in the head's object, put errors at the places of bad inputs.

import type { Backbone, ParsedInput } from "../../backbones/backbone.ts";
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import { fieldErrors } from "../../contract/field-errors.ts";
import { input as inputSchema, isProblem, type RowProblem } from "../../contract/inputs.ts";
import type { PredictAnswer } from "../../contract/rpc.ts";
import { unwrap } from "../../core/problems.ts";
import { answer, type Handlers, headOf } from "../call.ts";

export const predict: Handlers<"predict"> = {
  predict: async (call) => {
    const head = headOf(call);
    const { inputs, ...options } = call.body;
    const { backbone: chosen } = unwrap(await head.describe());
    const backbone = BACKBONE_BY_ID[chosen.id];
    const parsed = inputs.map((value) => parseInput(value, backbone, chosen.dimension));
    const good = parsed.filter((input): input is ParsedInput => !isProblem(input));
    const embedded = await timed(async () => flatten(await backbone.embed(good), chosen.dimension));
    const scored = await timed(async () => unwrap(await head.predict({ features: embedded.value, options })));
    const { version, headMs } = scored.value;
    const timing = serverTiming({ embed: embedded.ms, head: headMs, object: scored.ms });
    const predictions = placed(parsed, scored.value);
    return answer({ head: call.params.head, version, predictions }, 200, { "Server-Timing": timing });
  },
};

function parseInput(value: unknown, backbone: Backbone, dimension: number): ParsedInput | RowProblem {
  const result = inputSchema.safeParse(value);
  if (result.success) return backbone.parse(result.data, dimension);
  const [first] = fieldErrors(result.error);
  return { code: "invalid_input", detail: `${first?.pointer || "/"} ${first?.detail}` };
}

function flatten(vectors: readonly Float32Array[], dimension: number): Float32Array {
  const rows = new Float32Array(vectors.length * dimension);
  vectors.forEach((vector, i) => {
    rows.set(vector, i * dimension);
  });
  return rows;
}

/** An answer for every input, in order: a prediction, or what was wrong with it. */
function placed(parsed: readonly (ParsedInput | RowProblem)[], { predictions }: PredictAnswer) {
  let next = 0;
  return parsed.map((input) =>
    isProblem(input) ? { error: { code: input.code, detail: input.detail } } : predictions[next++],
  );
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const started = performance.now();
  const value = await work();
  return { value, ms: performance.now() - started };
}

/** Durations in ms (W3C Server Timing). Deployed clocks stand still while computing, so these tell waiting, not work. */
const serverTiming = (durations: Readonly<Record<string, number>>): string =>
  Object.entries(durations)
    .map(([name, ms]) => `${name};dur=${ms.toFixed(2)}`)
    .join(", ");
