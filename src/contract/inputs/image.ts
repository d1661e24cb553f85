// Images: JPEG, PNG or WebP.
import { LIMITS } from "../../core/limits.ts";
import { type FileInput, fileKind } from "./file-kind.ts";

export type ImageInput = FileInput<"image">;

export const image = fileKind({
  name: "image",
  noun: "An image",
  mostBytes: LIMITS.imageBytes,
  formats: "JPEG, PNG or WebP",
  signatures: [
    { mediaType: "image/jpeg", begins: [[0, "\xff\xd8\xff"]], aliases: ["image/jpg"] },
    { mediaType: "image/png", begins: [[0, "\x89PNG\r\n\x1a\n"]] },
    {
      mediaType: "image/webp",
      begins: [
        [0, "RIFF"],
        [8, "WEBP"],
      ],
    },
  ],
});
