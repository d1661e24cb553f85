// Text in any language, without weights to download: hashed words, word pairs and character n-grams.
import type { RowProblem } from "../contract/inputs.ts";
import { utf8 } from "../core/bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { Backbone, ParsedInput } from "./backbone.ts";
import { wrongModality } from "./modality.ts";
import { embedText, TEXT_DIMENSION, TEXT_REVISION } from "./text-hashing.ts";

export const textEmbedded: Backbone = {
  id: "text-embedded",
  modality: "text",
  dimension: TEXT_DIMENSION,
  revision: TEXT_REVISION,
  description: "Text in any language: signed hashing of words, word pairs and character n-grams; runs in the Worker",
  recipe: { normalisation: "l2" },
  parse: (input) => wrongModality(input, "text") ?? parseText(input.text as string),
  embed: async (inputs) => {
    const rows = new Float32Array(inputs.length * TEXT_DIMENSION);
    inputs.forEach(({ text }, i) => {
      embedText(text as string, rows, i * TEXT_DIMENSION);
    });
    return rows;
  },
};

function parseText(value: string): ParsedInput | RowProblem {
  if (value.length > LIMITS.textChars) {
    return problem(`text has ${value.length} characters; the most is ${LIMITS.textChars}: cut it to what matters`);
  }
  // Half of a surrogate pair is no character and has no bytes of its own: it is read as U+FFFD from here on.
  const text = value.toWellFormed();
  if (!/\S/u.test(text)) return problem("text is empty");
  return { bytes: () => utf8(text), text, features: null };
}

const problem = (detail: string): RowProblem => ({ code: "invalid_input", detail, pointer: "/text" });
