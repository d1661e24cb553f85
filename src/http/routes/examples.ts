// Uploads, changes, lists and exports examples.
import { kindOf } from "../../contract/inputs.ts";
import { unwrap } from "../../core/problems.ts";
import { mediaType } from "../request/body.ts";
import { type Handlers, headOf } from "../request/call.ts";
import { bytesOfUpload, type RowMemory, withMemory } from "../request/reserve-memory.ts";
import { answer, noContent } from "../response/answer.ts";
import { begunStreamOf } from "../response/stream.ts";
import { readerOf } from "../uploads/formats.ts";
import { ingest } from "../uploads/ingest.ts";
import { uploadTargetOf } from "../uploads/upload-target.ts";
import type { ReadFiles } from "./export-file-lines.ts";
import { exportLines } from "./export-lines.ts";

type Operations =
  | ("uploadExamples" | "listExamples" | "exportExamples" | "getExample" | "updateExample" | "deleteExample")
  | "listLabelIssues";

export const examples: Handlers<Operations> = {
  uploadExamples: async (call) => {
    const read = readerOf(call.request);
    const target = await uploadTargetOf(call, "api");
    const isWhole = mediaType(call.request) === "application/json";
    const work = (memory: RowMemory) => ingest(read(call.request, target.turns, target, memory), target);
    const { form, jsonBytes } = kindOf(target.backbone.modality);
    const bytes = bytesOfUpload(call.request, isWhole, form === "file" ? jsonBytes : 0);
    return answer(await withMemory(bytes, work));
  },

  listExamples: async (call) => answer(unwrap(await headOf(call).listExamples(call.query))),

  exportExamples: async (call) => {
    const head = headOf(call);
    const born = Date.parse(unwrap(await head.describe()).created_at);
    const withFeatures = call.query.features === "true";
    const read = async (after: string | null) => unwrap(await head.exportExamples(after, withFeatures, born));
    const readFiles: ReadFiles = async (digests, offset) => unwrap(await head.exportFiles(digests, offset, born));
    const stream = await begunStreamOf(exportLines(read, readFiles));
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
