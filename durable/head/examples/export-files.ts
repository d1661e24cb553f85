// The files of exported examples.

import type { ExportedPart } from "../../../src/contract/example-rpc.ts";
import { kindOf } from "../../../src/contract/inputs.ts";
import { modalityOf } from "../../../src/contract/rpc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { readFileParts } from "../files/read-file-parts.ts";
import { type FileTools, NO_FEATURE } from "./stored-inputs.ts";

const NO_BYTES = new Uint8Array();

/** Parts of the files of some inputs, in order: at least one, with `LIMITS.exportedFileBytes` at most together. */
export async function exportFiles(
  tools: FileTools,
  digests: readonly string[],
  offset: number,
): Promise<ExportedPart[]> {
  const kind = kindOf(modalityOf(tools.store.config));
  const parts = await readFileParts(tools, digests, offset, LIMITS.exportedFileBytes);
  return parts.map((part) => {
    if (!part) return { input: {}, bytes: NO_BYTES, isLast: true };
    const { mediaType, bytes, isLast } = part;
    const begun = kind.restored({ form: "file", mediaType, bytes: NO_BYTES }, NO_FEATURE);
    return { input: kind.written(begun), bytes, isLast };
  });
}
