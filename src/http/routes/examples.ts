// Examples in, changed, listed and out.
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import type { ExampleSource } from "../../contract/examples.ts";
import type { ExportedExample, HeadRpc } from "../../contract/rpc.ts";
import { TARGET_FIELDS } from "../../contract/targets.ts";
import { utf8 } from "../../core/bytes.ts";
import { Fault, unwrap } from "../../core/problems.ts";
import { answer, type Call, type Handlers, headOf, noContent, tenantOf } from "../call.ts";
import { streamOf } from "../stream.ts";
import { readerOf } from "../uploads/formats.ts";
import { ingest, type UploadTarget } from "../uploads/ingest.ts";
import type { RawRow } from "../uploads/rows.ts";

type Operations =
  | ("uploadExamples" | "listExamples" | "exportExamples" | "getExample" | "updateExample" | "deleteExample")
  | ("giveFeedback" | "listLabelIssues");

export const examples: Handlers<Operations> = {
  uploadExamples: async (call) => {
    const rows = await readerOf(call.request);
    const target = await targetOf(call, "api");
    return answer(await ingest(rows(call.request, target.task), target));
  },

  listExamples: async (call) => answer(unwrap(await headOf(call).listExamples(call.query))),

  exportExamples: async (call) => {
    const head = headOf(call);
    unwrap(await head.describe()); // a missing head is a problem document, not a broken stream
    const stream = streamOf(exportLines(head, call.query.features === "true"));
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
    const result = await ingest(one({ value: { ...input, ...target } }), await targetOf(call, "feedback"));
    const rejected = result.rejected[0];
    if (!rejected) return answer(result);
    const errors = [{ pointer: pointerInFeedback(rejected.pointer), detail: rejected.detail }];
    throw new Fault("invalid_request", `The feedback was not taken: ${rejected.detail}`, { errors });
  },
};

/** Feedback holds the input's fields in `input` and the target's beside it. */
const pointerInFeedback = (pointer = ""): string =>
  TARGET_FIELDS.some((field) => pointer === `/${field}` || pointer.startsWith(`/${field}/`))
    ? pointer
    : `/input${pointer}`;

async function targetOf(
  call: Pick<Call<"uploadExamples">, "env" | "caller" | "params">,
  source: ExampleSource,
): Promise<UploadTarget> {
  const head = headOf(call);
  const { backbone, task } = unwrap(await head.describe());
  const { examples_per_head: examplesQuota } = tenantOf(call).quotas;
  const { dimension } = backbone;
  return { head, task, backbone: BACKBONE_BY_ID[backbone.id], dimension, source, examplesQuota };
}

async function* one(row: RawRow): AsyncGenerator<RawRow> {
  yield row;
}

/** A page of examples at a time, as lines that an upload accepts. */
async function* exportLines(head: HeadRpc, withFeatures: boolean): AsyncGenerator<Uint8Array> {
  for (let after: string | null = null; ; ) {
    const page: { data: readonly ExportedExample[]; has_more: boolean; next: string | null } = unwrap(
      await head.exportExamples(after, withFeatures),
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
