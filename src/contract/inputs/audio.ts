// Sounds: WAV.
import { LIMITS } from "../../core/limits.ts";
import { type FileInput, fileKind } from "./file-kind.ts";

export type AudioInput = FileInput<"audio">;

export const audio = fileKind({
  name: "audio",
  noun: "A sound",
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
});
