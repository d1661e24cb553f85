// Uploads, changes, lists and exports examples.
import type { ExportedExample, HeadRpc } from "../../contract/rpc.ts";
import { utf8 } from "../../core/bytes.ts";
import { unwrap } from "../../core/problems.ts";
import { turnLoop } from "../../core/turns.ts";
import { EXPORT_WORK } from "../../core/work.ts";
import { mediaType } from "../request/body.ts";
import { type Handlers, headOf } from "../request/call.ts";
import { bytesOfUpload, withMemory } from "../request/reserve-memory.ts";
import { answer, noContent } from "../response/answer.ts";
import { streamOf } from "../response/stream.ts";
import { readerOf } from "../uploads/formats.ts";
import { ingest } from "../uploads/ingest.ts";
import { uploadTargetOf } from "../uploads/upload-target.ts";

type Operations =
  | ("uploadExamples" | "listExamples" | "exportExamples" | "getExample" | "updateExample" | "deleteExample")
  | "listLabelIssues";

export const examples: Handlers<Operations> = {
  uploadExamples: async (call) => {
    const read = readerOf(call.request);
    const target = await uploadTargetOf(call, "api");
    const isWhole = mediaType(call.request) === "application/json";
    const work = () => ingest(read(call.request, target.turns, target), target);
    return answer(await withMemory(bytesOfUpload(call.request, isWhole), work));
  },

  listExamples: async (call) => answer(unwrap(await headOf(call).listExamples(call.query))),

  exportExamples: async (call) => {
    const head = headOf(call);
    // Checked first, so that a missing head gives a problem document instead of a broken stream.
    const born = Date.parse(unwrap(await head.describe()).created_at);
    const stream = streamOf(exportLines(head, call.query.features === "true", born));
    return new Response(stream, { headers: { "Content-Type": "application/x-ndjson" } });
  },

  getExample: async (call) => answer(unwrap(await headOf(call).getExample(call.params.id))),
  updateExample: async (call) => answer(unwrap(await headOf(call).updateExample(call.params.id, call.body))),

  deleteExample: async (call) => {
    unwrap(await headOf(call).deleteExample(call.params.id));
    return noContent();
  },

  listLabelIssues: async (call) => answer(unwrap(await headOf(call).listLabelIssues(call.query))),
};

/** Lines in the format of uploads, one page of examples at a time, with turns of the event loop between parts. */
async function* exportLines(head: HeadRpc, withFeatures: boolean, born: number): AsyncGenerator<Uint8Array> {
  for (let after: string | null = null; ; ) {
    const page: { data: readonly ExportedExample[]; has_more: boolean; next: string | null } = unwrap(
      await head.exportExamples(after, withFeatures, born),
    );
    for (const some of exportable(page.data)) {
      yield utf8(some.map((example) => lineOf(example)).join(""));
      await turnLoop();
    }
    if (!page.has_more) return;
    after = page.next;
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
