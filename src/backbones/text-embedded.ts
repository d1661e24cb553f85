// The text backbone for any language, without weights to download: hashed words, word pairs and character n-grams. Each revision
// is one object with its own tokeniser. Versions that were trained on an older revision keep using it.
import type { RowProblem } from "../contract/row-problem.ts";
import { utf8 } from "../core/bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { Turn } from "../core/turns.ts";
import { WORK } from "../core/work.ts";
import type { Backbone, FeatureRows, ParsedInput } from "./backbone.ts";
import { isBlank } from "./ignorable.ts";
import { wrongModality } from "./modality.ts";
import { embedText, TEXT_DIMENSION } from "./text-hashing.ts";
import { type Tokenise, tokenise, tokeniseRevision3 } from "./text-tokens.ts";

export const textRevision3 = textRevision("text-hashing-3", tokeniseRevision3, []);

/** The newest revision: removes invisible characters before it tokenises. */
export const textEmbedded = textRevision("text-hashing-4", tokenise, [textRevision3]);

function textRevision(revision: string, tokens: Tokenise, older: readonly Backbone[]): Backbone {
  return {
    id: "text-embedded",
    modality: "text",
    dimension: TEXT_DIMENSION,
    shape: "vector",
    revision,
    older,
    description: "Text in any language: signed hashing of words, word pairs and character n-grams; runs in the Worker",
    recipe: { normalisation: "l2" },
    parse: (input) => wrongModality(input, "text") ?? parseText(input.text as string),
    embed: (inputs, _, turn) => embedTexts(inputs, tokens, turn),
  };
}

async function embedTexts(inputs: readonly ParsedInput[], tokens: Tokenise, turn?: Turn): Promise<FeatureRows> {
  const values = new Float32Array(inputs.length * TEXT_DIMENSION);
  let chars = 0;
  for (let i = 0; i < inputs.length; i++) {
    if (chars >= WORK.textCharsPerTurn && turn) {
      await turn();
      chars = 0;
    }
    chars += CHARS_PER_TEXT + embedText((inputs[i] as ParsedInput).text as string, tokens, values, i * TEXT_DIMENSION);
  }
  return { values, tokens: null };
}

/** Fixed cost of a text, in characters. */
const CHARS_PER_TEXT = 50;

function parseText(value: string): ParsedInput | RowProblem {
  if (value.length > LIMITS.textChars) {
    return problem(`text has ${value.length} characters; the most is ${LIMITS.textChars}: cut it to what matters`);
  }
  // A lone surrogate has no UTF-8 bytes: it becomes U+FFFD.
  const text = value.toWellFormed();
  if (isBlank(text)) return problem("text is empty");
  return inputOfText(text);
}

/** The input of a stored text, which was checked before. */
export const inputOfText = (text: string): ParsedInput => ({ bytes: () => utf8(text), text, features: null });

const problem = (detail: string): RowProblem => ({ code: "invalid_input", detail, pointer: "/text" });
