// The lines of an export of examples.
import type { Page } from "../../contract/common.ts";
import type { ExportedExample } from "../../contract/example-rpc.ts";
import { utf8 } from "../../core/bytes.ts";
import { turnLoop } from "../../core/turns.ts";
import { EXPORT_WORK } from "../../core/work.ts";
import { fileLines, type ReadFiles } from "./export-file-lines.ts";
import { lineOf } from "./export-line.ts";

/**
 * Lines in the format of uploads, one page of examples at a time, with turns of the event loop between parts. `next` reads the
 * page after a cursor, and `readFiles` the files of examples whose inputs are files.
 */
export async function* exportLines(
  next: (after: string | null) => Promise<Page<ExportedExample>>,
  readFiles: ReadFiles,
): AsyncGenerator<Uint8Array> {
  for (let page = await next(null); ; page = await next(page.next)) {
    if (page.data[0]?.input === null) yield* fileLines(page.data, readFiles);
    else yield* linesOf(page.data);
    if (!page.has_more) return;
  }
}

async function* linesOf(examples: readonly ExportedExample[]): AsyncGenerator<Uint8Array> {
  for (const some of exportable(examples)) {
    yield utf8(some.map((example) => lineOf(example)).join(""));
    await turnLoop();
  }
}

/** Divides examples into parts that take a few milliseconds to write. */
function* exportable(examples: readonly ExportedExample[]): Generator<readonly ExportedExample[]> {
  let [from, work] = [0, 0];
  for (const [i, { vector, input }] of examples.entries()) {
    work +=
      EXPORT_WORK.perRow + EXPORT_WORK.perNumber * (vector?.length ?? 0) + EXPORT_WORK.perCharacter * charsOf(input);
    if (work < EXPORT_WORK.perTurn && i + 1 < examples.length) continue;
    yield examples.slice(from, i + 1);
    [from, work] = [i + 1, 0];
  }
}

const charsOf = (input: ExportedExample["input"]): number =>
  Object.values(input ?? {}).reduce((sum, { length }) => sum + length, 0);
