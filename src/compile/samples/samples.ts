// Sample inputs of each modality. One half calibrates, the other half measures.
import type { Sample } from "../quantise/measure.ts";
import type { InputRules } from "../readers/source-model.ts";
import { pictures, sounds } from "./synthetic.ts";
import { SAMPLE_TEXTS, tokenizerOf } from "./texts.ts";

export interface Samples {
  readonly calibration: readonly Sample[];
  readonly measurement: readonly Sample[];
}

export function samplesOf(input: InputRules): Samples {
  const samples = allSamples(input);
  return {
    calibration: samples.filter((_, at) => at % 2 === 0),
    measurement: samples.filter((_, at) => at % 2 === 1),
  };
}

function allSamples(input: InputRules): Sample[] {
  if (input.modality === "text") return textSamples(input);
  if (input.modality === "image") return pictures(input).map((pixels) => ({ pixels }));
  return sounds(input).map((samples) => ({ samples }));
}

function textSamples(input: Extract<InputRules, { modality: "text" }>): Sample[] {
  const idsOf = tokenizerOf(input);
  return SAMPLE_TEXTS.map((text) => ({ ids: idsOf(text, input.maxTokens) }));
}
