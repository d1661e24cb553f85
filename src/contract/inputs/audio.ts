// Sounds: WAV.
import { LIMITS } from "../../core/limits.ts";
import { boundedString } from "../bounds.ts";
import type { RowProblem } from "../row-problem.ts";
import { charsOfFile, dataUrlOf, type FileRules, parseFile, storedFile } from "./file.ts";
import { type FileContent, hasOnly, type InputKind, isText } from "./kind.ts";

export interface AudioInput extends FileContent {
  readonly modality: "audio";
}

interface Given {
  readonly audio: string;
}

const RULES: FileRules = {
  field: "audio",
  mostBytes: LIMITS.audioBytes,
  formats: "WAV",
  signatures: [
    {
      mediaType: "audio/wav",
      begins: [
        [0, "RIFF"],
        [8, "WAVE"],
      ],
      aliases: ["audio/wave", "audio/x-wav", "audio/vnd.wave"],
    },
  ],
};

const soundOf = ({ mediaType, bytes }: FileContent): AudioInput => ({ modality: "audio", mediaType, bytes });

export const audio = {
  fields: {
    audio: boundedString(charsOfFile(LIMITS.audioBytes))
      .optional()
      .openapi({ description: "base64 or data URL of WAV" }),
  },
  form: "file",
  mappedAs: "text",
  requestBytes: LIMITS.predictMediaBytes,
  jsonBytes: charsOfFile(LIMITS.audioBytes) + LIMITS.lineBytes,
  isPlain: (value) => hasOnly(value, "audio", isText),
  parse: ({ audio: given }): AudioInput | RowProblem => {
    const file = parseFile(given, RULES);
    return "code" in file ? file : soundOf(file);
  },
  digested: ({ bytes }) => bytes,
  written: (input) => ({ audio: dataUrlOf(input) }),
  stored: ({ mediaType, bytes }) => ({ form: "file", mediaType, bytes }),
  restored: (content) => soundOf(storedFile(content, "A sound")),
} as const satisfies InputKind<Given, AudioInput>;
