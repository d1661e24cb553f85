// Predictions: embed here, score in the head's object, put errors at the places of bad inputs.
import type { ParsedInput } from "../../backbones/backbone.ts";
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import { input as inputSchema, type RowProblem } from "../../contract/inputs.ts";
import { unwrap } from "../../core/problems.ts";
import { answer, type Handlers, headOf } from "../call.ts";
import { isProblem } from "../uploads/rows.ts";
import { fieldErrors } from "../validate.ts";

export const predict: Handlers<"predict"> = {
  predict: async (call) => {
    const head = headOf(call);
    const { inputs, ...options } = call.body;
    const started = performance.now();
    const { backbone: chosen } = unwrap(await head.describe());
    const backbone = BACKBONE_BY_ID[chosen.id];
    const parsed = inputs.map((value) => parseInput(value, (input) => backbone.parse(input, chosen.dimension)));
    const good = parsed.filter((input): input is ParsedInput => !isProblem(input));
    const embedded = performance.now();
    const features = flatten(await backbone.embed(good), chosen.dimension);
    const asked = performance.now();
    const { version, predictions, headMs } = unwrap(await head.predict({ features, options }));
    const timing = { embed: asked - embedded, head: headMs, object: performance.now() - asked + embedded - started };
    let next = 0;
    const placed = parsed.map((input) =>
      isProblem(input) ? { error: { code: input.code, detail: input.detail } } : predictions[next++],
    );
    return answer({ head: call.params.head, version, predictions: placed }, 200, {
      "Server-Timing": serverTiming(timing),
    });
  },
};

function parseInput(
  value: unknown,
  parse: (input: import("../../contract/inputs.ts").Input) => ParsedInput | RowProblem,
) {
  const result = inputSchema.safeParse(value);
  if (result.success) return parse(result.data);
  const { pointer, detail } = fieldErrors(result.error)[0] as { pointer: string; detail: string };
  return { code: "invalid_input", detail: `${pointer || "/"} ${detail}`, pointer } satisfies RowProblem;
}

function flatten(vectors: readonly Float32Array[], dimension: number): Float32Array {
  const rows = new Float32Array(vectors.length * dimension);
  vectors.forEach((vector, i) => {
    rows.set(vector, i * dimension);
  });
  return rows;
}

/** Durations in ms (W3C Server Timing). Deployed clocks stand still while computing, so these tell waiting, not work. */
const serverTiming = (durations: Readonly<Record<string, number>>): string =>
  Object.entries(durations)
    .map(([name, ms]) => `${name};dur=${ms.toFixed(2)}`)
    .join(", ");
