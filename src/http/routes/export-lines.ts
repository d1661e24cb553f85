// The lines of an export of examples.
import type { Page } from "../../contract/common.ts";
import type { ExportedExample } from "../../contract/rpc.ts";
import { utf8 } from "../../core/bytes.ts";
import { turnLoop } from "../../core/turns.ts";
import { EXPORT_WORK } from "../../core/work.ts";

type ExportPage = Page<ExportedExample>;

/**
 * Lines in the format of uploads, one page of examples at a time, with turns of the event loop between parts. `next` reads the
 * page after a cursor.
 */
export async function* exportLines(
  first: ExportPage,
  next: (after: string | null) => Promise<ExportPage>,
): AsyncGenerator<Uint8Array> {
  for (let page = first; ; page = await next(page.next)) {
    for (const some of exportable(page.data)) {
      yield utf8(some.map((example) => lineOf(example)).join(""));
      await turnLoop();
    }
    if (!page.has_more) return;
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
  Object.values(input).reduce((sum, { length }) => sum + length, 0);

function lineOf({ id, input, label, labels, value, split, vector }: ExportedExample): string {
  const line = JSON.stringify({ id, ...input, label, labels, value, split: split ?? undefined });
  if (!vector) return `${line}\n`;
  // Joined numbers read the same as in JSON, without creating an array of them.
  return `${line.slice(0, -1)},"features":[${vector.join()}]}\n`;
}
