// The text backbone for any language, without weights to download: hashed words, word pairs and character n-grams. Each revision
// is one object with its own tokeniser. Versions that were trained on an older revision keep using it.
import type { TextInput } from "../contract/inputs/text.ts";
import type { Turns } from "../core/turns.ts";
import { WORK } from "../core/work.ts";
import type { Backbone, FeatureRows } from "./backbone.ts";
import { embedText, TEXT_DIMENSION } from "./text-hashing.ts";
import { type Tokenise, tokenise, tokeniseRevision3 } from "./text-tokens.ts";

export const textRevision3 = textRevision("text-hashing-3", tokeniseRevision3, []);

/** The newest revision: removes invisible characters before it tokenises. */
export const textEmbedded = textRevision("text-hashing-4", tokenise, [textRevision3]);

function textRevision(revision: string, tokens: Tokenise, older: readonly Backbone<TextInput>[]): Backbone<TextInput> {
  return {
    id: "text-embedded",
    modality: "text",
    dimension: TEXT_DIMENSION,
    shape: "vector",
    revision,
    older,
    description: "Text in any language: signed hashing of words, word pairs and character n-grams; runs in the Worker",
    recipe: { normalisation: "l2" },
    embed: (inputs, _, turns) => embedTexts(inputs, tokens, turns),
  };
}

async function embedTexts(inputs: readonly TextInput[], tokens: Tokenise, turns?: Turns): Promise<FeatureRows> {
  const values = new Float32Array(inputs.length * TEXT_DIMENSION);
  let chars = 0;
  for (let i = 0; i < inputs.length; i++) {
    if (chars >= WORK.textCharsPerTurn && turns) {
      await turns.take();
      chars = 0;
    }
    chars += CHARS_PER_TEXT + embedText((inputs[i] as TextInput).text, tokens, values, i * TEXT_DIMENSION);
  }
  return { values, tokens: null };
}

/** Fixed cost of a text, in characters. */
const CHARS_PER_TEXT = 50;
