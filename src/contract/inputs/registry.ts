// Every kind of input, one line each, by the modality that backbones name.
import { audio } from "./audio.ts";
import { features } from "./features.ts";
import { image } from "./image.ts";
import { text } from "./text.ts";

export const INPUT_KINDS = { text, image, audio, features } as const;
