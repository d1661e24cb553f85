// Examples in, changed, listed and out.
import type { ExportedExample, HeadRpc } from "../../contract/rpc.ts";
import { utf8 } from "../../core/bytes.ts";
import { unwrap } from "../../core/problems.ts";
import { answer, noContent } from "../answer.ts";
import { type Handlers, headOf } from "../call.ts";
import { streamOf } from "../stream.ts";
import { addOne, targetOf } from "../uploads/add-one.ts";
import { readerOf } from "../uploads/formats.ts";
import { ingest } from "../uploads/ingest.ts";

type Operations =
  | ("uploadExamples" | "listExamples" | "exportExamples" | "getExample" | "updateExample" | "deleteExample")
  | ("giveFeedback" | "listLabelIssues");

export const examples: Handlers<Operations> = {
  uploadExamples: async (call) => {
    const read = readerOf(call.request);
    const target = await targetOf(call, "api");
    return answer(await ingest(read(call.request, target.turns, target.task), target));
  },

  listExamples: async (call) => answer(unwrap(await headOf(call).listExamples(call.query))),

  exportExamples: async (call) => {
    const head = headOf(call);
    // A missing head is a problem document, not a broken stream.
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

  giveFeedback: async (call) => {
    const { input, ...target } = call.body;
    return answer(await addOne(call, { input, target, source: "feedback" }));
  },
};

/** A page of examples at a time, as lines that an upload accepts. */
async function* exportLines(head: HeadRpc, withFeatures: boolean, born: number): AsyncGenerator<Uint8Array> {
  for (let after: string | null = null; ; ) {
    const page: { data: readonly ExportedExample[]; has_more: boolean; next: string | null } = unwrap(
      await head.exportExamples(after, withFeatures, born),
    );
    if (page.data.length > 0) yield utf8(page.data.map((example) => lineOf(example, withFeatures)).join(""));
    if (!page.has_more) return;
    after = page.next;
  }
}

function lineOf({ id, text, label, labels, value, split, vector }: ExportedExample, withFeatures: boolean): string {
  const features = vector && (withFeatures || text === undefined) ? { features: Array.from(vector) } : {};
  const input = { ...(text === undefined ? {} : { text }), ...features };
  return `${JSON.stringify({ id, ...input, label, labels, value, ...(split ? { split } : {}) })}\n`;
}
