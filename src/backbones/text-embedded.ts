// Text in any language, without weights to download: hashed words, word pairs and character n-grams. One object a revision:
// they differ in how a text is read, and versions that were trained on an older one go on with it.
import type { RowProblem } from "../contract/inputs.ts";
import { utf8 } from "../core/bytes.ts";
import { LIMITS } from "../core/limits.ts";
import type { Turn } from "../core/turns.ts";
import { WORK } from "../core/work.ts";
import type { Backbone, ParsedInput } from "./backbone.ts";
import { isBlank } from "./ignorable.ts";
import { wrongModality } from "./modality.ts";
import { embedText, TEXT_DIMENSION } from "./text-hashing.ts";
import { type Tokenise, tokenise, tokeniseRevision3 } from "./text-tokens.ts";

/** Invisible characters are left out before a text is read. */
export const textEmbedded = textRevision("text-hashing-4", tokenise);

export const textRevision3 = textRevision("text-hashing-3", tokeniseRevision3);

function textRevision(revision: string, tokens: Tokenise): Backbone {
  return {
    id: "text-embedded",
    modality: "text",
    dimension: TEXT_DIMENSION,
    revision,
    description: "Text in any language: signed hashing of words, word pairs and character n-grams; runs in the Worker",
    recipe: { normalisation: "l2" },
    parse: (input) => wrongModality(input, "text") ?? parseText(input.text as string),
    embed: (inputs, _, turn) => embedTexts(inputs, tokens, turn),
  };
}

async function embedTexts(inputs: readonly ParsedInput[], tokens: Tokenise, turn?: Turn): Promise<Float32Array> {
  const rows = new Float32Array(inputs.length * TEXT_DIMENSION);
  let chars = 0;
  for (let i = 0; i < inputs.length; i++) {
    if (chars >= WORK.textCharsPerTurn && turn) {
      await turn();
      chars = 0;
    }
    chars += CHARS_A_TEXT + embedText((inputs[i] as ParsedInput).text as string, tokens, rows, i * TEXT_DIMENSION);
  }
  return rows;
}

/** What a text costs beside its characters, in characters. */
const CHARS_A_TEXT = 50;

function parseText(value: string): ParsedInput | RowProblem {
  if (value.length > LIMITS.textChars) {
    return problem(`text has ${value.length} characters; the most is ${LIMITS.textChars}: cut it to what matters`);
  }
  // Half of a surrogate pair is no character and has no bytes of its own: it is read as U+FFFD from here on.
  const text = value.toWellFormed();
  if (isBlank(text)) return problem("text is empty");
  return inputOfText(text);
}

/** A text that was checked before, as an input. */
export const inputOfText = (text: string): ParsedInput => ({ bytes: () => utf8(text), text, features: null });

const problem = (detail: string): RowProblem => ({ code: "invalid_input", detail, pointer: "/text" });
