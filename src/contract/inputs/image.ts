// Images: JPEG, PNG or WebP.
import { LIMITS } from "../../core/limits.ts";
import { boundedString } from "../bounds.ts";
import type { RowProblem } from "../row-problem.ts";
import { charsOfFile, dataUrlOf, type FileRules, parseFile, storedFile } from "./file.ts";
import { type FileContent, hasOnly, type InputKind, isText } from "./kind.ts";

export interface ImageInput extends FileContent {
  readonly modality: "image";
}

interface Given {
  readonly image: string;
}

const RULES: FileRules = {
  field: "image",
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
};

const imageOf = ({ mediaType, bytes }: FileContent): ImageInput => ({ modality: "image", mediaType, bytes });

export const image = {
  fields: {
    image: boundedString(charsOfFile(LIMITS.imageBytes))
      .optional()
      .openapi({ description: "base64 or data URL of JPEG, PNG or WebP" }),
  },
  form: "file",
  mappedAs: "text",
  requestBytes: LIMITS.predictMediaBytes,
  jsonBytes: charsOfFile(LIMITS.imageBytes) + LIMITS.lineBytes,
  isPlain: (value) => hasOnly(value, "image", isText),
  parse: ({ image: given }): ImageInput | RowProblem => {
    const file = parseFile(given, RULES);
    return "code" in file ? file : imageOf(file);
  },
  digested: ({ bytes }) => bytes,
  written: (input) => ({ image: dataUrlOf(input) }),
  stored: ({ mediaType, bytes }) => ({ form: "file", mediaType, bytes }),
  restored: (content) => imageOf(storedFile(content, "An image")),
} as const satisfies InputKind<Given, ImageInput>;
