// Calls about examples: uploads, exports, feedback, and examples that are probably labelled wrong.
import type { Page } from "../contract/common.ts";
import type { ExampleFilter, ExamplePatch, ExampleRow, ExampleView, ExportQuery } from "../contract/examples.ts";
import type { Feedback } from "../contract/feedback.ts";
import type { LabelIssuesPage, LabelIssuesQuery } from "../contract/label-issues.ts";
import type { UploadResult } from "../contract/upload-result.ts";
import { type Api, type BodyContent, jsonBody, path, type Sent } from "./api.ts";
import { jsonLines } from "./json-lines.ts";

/**
 * Up to a thousand rows, or a file with any number. `csv` has a header row: text,label[,id][,split]; `labels` or `value` in
 * place of `label` for the other tasks. A file may be a stream.
 */
export type Upload = readonly ExampleRow[] | { readonly csv: BodyContent } | { readonly ndjson: BodyContent };

function bodyOf(upload: Upload): NonNullable<Sent["body"]> {
  if ("csv" in upload) return { type: "text/csv", content: upload.csv };
  if ("ndjson" in upload) return { type: "application/x-ndjson", content: upload.ndjson };
  return jsonBody({ examples: upload });
}

export const exampleCalls = (api: Api) => ({
  /** Each row has one input; a label, labels or a value; and optionally an id and a split. */
  uploadExamples: (head: string, upload: Upload): Promise<UploadResult> =>
    api.json("POST", path`/v1/heads/${head}/examples`, { body: bodyOf(upload) }),

  listExamples: (head: string, query?: ExampleFilter): Promise<Page<ExampleView>> =>
    api.json("GET", path`/v1/heads/${head}/examples`, { query }),

  /** Yields all examples as rows that an upload takes. */
  async *exportExamples(head: string, query?: ExportQuery): AsyncGenerator<ExampleRow, void> {
    const { body } = await api.send("GET", path`/v1/heads/${head}/examples/export`, { query });
    if (body) yield* jsonLines<ExampleRow>(body);
  },

  getExample: (head: string, id: string): Promise<ExampleView> =>
    api.json("GET", path`/v1/heads/${head}/examples/${id}`),

  /** Relabels an example, or moves it to another split. */
  updateExample: (head: string, id: string, patch: ExamplePatch): Promise<ExampleView> =>
    api.json("PATCH", path`/v1/heads/${head}/examples/${id}`, { body: jsonBody(patch) }),

  deleteExample: (head: string, id: string): Promise<void> =>
    api.json("DELETE", path`/v1/heads/${head}/examples/${id}`),

  /** Adds an example from an input, or from a prediction by its id, with the right label, labels or value. */
  giveFeedback: (head: string, feedback: Feedback): Promise<UploadResult> =>
    api.json("POST", path`/v1/heads/${head}/feedback`, { body: jsonBody(feedback) }),

  /** A page of the examples whose label is probably wrong, most suspicious first. */
  listLabelIssues: (head: string, query?: LabelIssuesQuery): Promise<LabelIssuesPage> =>
    api.json("GET", path`/v1/heads/${head}/label-issues`, { query }),
});
