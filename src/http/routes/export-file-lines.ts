// The lines of an export whose inputs are files. Each file is read and written in parts, so that one part is in memory at a time.
import type { ExportedExample, ExportedPart } from "../../contract/example-rpc.ts";
import { piecesOfBytes, toBase64, utf8 } from "../../core/bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import { Turns } from "../../core/turns.ts";
import { EXPORT_WORK } from "../../core/work.ts";
import { lineOf } from "./export-line.ts";

/** Reads parts of the files of inputs, from `offset` in the first. */
export type ReadFiles = (digests: readonly string[], offset: number) => Promise<readonly ExportedPart[]>;

/** Bytes encoded at once. A multiple of 3, so that the base64 of the pieces is that of the file. */
const PIECE_BYTES = 96 * 1024;

export async function* fileLines(examples: readonly ExportedExample[], read: ReadFiles): AsyncGenerator<Uint8Array> {
  const turns = new Turns(EXPORT_WORK.perTurn);
  for (let [at, offset] = [0, 0]; at < examples.length; ) {
    const some = examples.slice(at, at + LIMITS.filesExportedAtOnce);
    const digests = some.map(({ digest }) => digest);
    for (const part of await read(digests, offset)) {
      const [before, after] = aroundFile(examples[at] as ExportedExample, part.input);
      if (offset === 0) yield utf8(before);
      for (const piece of piecesOfBytes(part.bytes, PIECE_BYTES)) {
        yield utf8(toBase64(piece));
        await turns.spend(EXPORT_WORK.perCharacter * piece.length);
      }
      if (part.isLast) yield utf8(after);
      await turns.spend(EXPORT_WORK.perRow);
      offset = part.isLast ? 0 : offset + part.bytes.length;
      at += part.isLast ? 1 : 0;
    }
  }
}

/** The line before and after the base64 of the file, which ends the only field of the input. */
function aroundFile(example: ExportedExample, input: ExportedPart["input"]): readonly [string, string] {
  const rest = lineOf({ ...example, input: {} });
  return Object.keys(input).length === 0 ? ["", rest] : [JSON.stringify(input).slice(0, -2), `",${rest.slice(1)}`];
}
