// Exports a version as a file. Formats are listed by their name on the wire: a new name does not compile until it is
// implemented.
import type { VersionFile } from "../../contract/rpc.ts";
import type { ExportFormat } from "../../contract/version-files.ts";
import { decodeTrainedHead } from "../../engine/heads/trained-head.ts";
import { type HeadFile, headFileOf } from "./head-file.ts";
import { encodeJson } from "./json.ts";
import { encodeOnnx } from "./onnx.ts";
import { encodeSafetensors } from "./safetensors.ts";
import { encodeTfjs } from "./tfjs.ts";

interface FileFormat {
  /** The file in pieces. If the format allows it, each takes a few milliseconds to make. */
  readonly encode: (file: HeadFile) => Iterable<Uint8Array | string>;
  readonly mediaType: string;
  /** The file extension. */
  readonly ending: string;
}

const FORMATS: Readonly<Record<ExportFormat, FileFormat>> = {
  json: { encode: encodeJson, mediaType: "application/json", ending: "json" },
  safetensors: {
    encode: encodeSafetensors,
    mediaType: "application/vnd.safetensors",
    ending: "safetensors",
  },
  tfjs: { encode: encodeTfjs, mediaType: "application/json", ending: "tfjs.json" },
  onnx: { encode: (file) => [encodeOnnx(file)], mediaType: "application/octet-stream", ending: "onnx" },
};

export interface ExportedFile extends Omit<FileFormat, "encode"> {
  readonly pieces: Iterable<Uint8Array | string>;
}

export function exportFile({ record, head }: VersionFile, format: ExportFormat): ExportedFile {
  const { encode, mediaType, ending } = FORMATS[format];
  return { pieces: encode(headFileOf(record, decodeTrainedHead(head))), mediaType, ending };
}
