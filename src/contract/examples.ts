// Examples: labelled inputs of a head. Uploaded as JSON, NDJSON or CSV, exported as NDJSON.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray, boundedString } from "./bounds.ts";
import {
  body,
  headPath,
  json,
  type Later,
  later,
  pageOf,
  pageQuery,
  problems,
  security,
  time,
  unreserved,
  wellFormed,
} from "./common.ts";
import { feedbackBody } from "./feedback.ts";
import { forInputFields, inputFields } from "./inputs.ts";
import { spelledLabel } from "./labels.ts";
import { targetFields } from "./targets.ts";
import { uploadResult } from "./upload-result.ts";

export const SPLITS = ["train", "validation", "test"] as const;
export type Split = (typeof SPLITS)[number];

/** Reserved ids: URL parsers resolve dot segments, even percent-encoded ones, and `export` is a route. */
const UNADDRESSABLE = [".", "..", "export"];

const exampleId = unreserved(
  wellFormed(
    boundedString(LIMITS.idChars)
      .min(1)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern rejects them
      .regex(/^[^\u0000-\u001f\u007f]*$/, "must not hold control characters"),
  ),
).refine(
  (id) => !UNADDRESSABLE.includes(id),
  `must not be one of ${UNADDRESSABLE.join(" ")}, which cannot be part of a path`,
);

/** One row of an upload. */
export const exampleRow = z
  .strictObject({ id: exampleId.optional(), ...inputFields, ...targetFields, split: z.enum(SPLITS).optional() })
  .openapi("ExampleRow", {
    description: "Exactly one input, and one target: label, labels or value, as the head's task requires",
    example: { text: "where is my parcel?", label: "delivery" },
  });
export type ExampleRow = z.infer<typeof exampleRow>;

export const examplesBody = z.strictObject({
  examples: boundedArray(
    z.unknown().openapi({ ref: "#/components/schemas/ExampleRow" } as never),
    LIMITS.examplesPerRequest,
  ).min(1),
});

export const SOURCES = ["api", "feedback", "capture", "webhook"] as const;
export type ExampleSource = (typeof SOURCES)[number];

export const example = later(() =>
  z
    .object({
      id: z.string(),
      ...forInputFields(z.string().optional()),
      features: z.array(z.number()).optional(),
      label: z.string().optional().openapi({ description: "For a classification head" }),
      labels: z
        .array(z.string())
        .readonly()
        .optional()
        .openapi({ description: "For a multilabel head, in code-unit order" }),
      value: z.number().optional().openapi({ description: "For a regression head" }),
      split: z.enum(SPLITS).nullable(),
      source: z.enum(SOURCES),
      digest: z.string().openapi({ description: "SHA-256 of the input" }),
      created_at: time,
      updated_at: time,
    })
    .openapi("Example"),
);
export type ExampleView = Later<typeof example>;

export const exampleFilter = pageQuery.extend({
  label: spelledLabel.optional().openapi({ description: "For a multilabel head: one of the example's labels" }),
  split: z.enum(SPLITS).optional(),
  q: boundedString(LIMITS.nameChars)
    .optional()
    .openapi({ description: "Text that the input contains, ignoring ASCII case" }),
});
export type ExampleFilter = z.infer<typeof exampleFilter>;

export const examplePatch = z.strictObject({ ...targetFields, split: z.enum(SPLITS).nullable().optional() });
export type ExamplePatch = z.infer<typeof examplePatch>;
export const examplePath = headPath.extend({ id: boundedString(LIMITS.idChars) });
export const exportQuery = z.strictObject({ features: z.enum(["true", "false"]).optional() });
export type ExportQuery = z.infer<typeof exportQuery>;

const common = { tags: ["Examples"], security };
const all = { ...common, path: "/v1/heads/{head}/examples" };
const one = { ...common, path: "/v1/heads/{head}/examples/{id}" };
/** A schema cannot bound a stream, but each of its lines is bounded (`lineBytes`). */
const stream = z.custom<string>(() => true);
const rows = {
  "application/json": { schema: z.strictObject({ examples: boundedArray(exampleRow, LIMITS.examplesPerRequest) }) },
};
const csv = stream.openapi({
  type: "string",
  description:
    "A header row that names the columns, then one row per example. Columns: the fields of an input, such as text; label, labels (with | between them; empty for none) or value; optionally id and split",
  example: "text,label\nwhere is my parcel?,delivery\n",
});
const streams = { "application/x-ndjson": { schema: exampleRow }, "text/csv": { schema: csv } };

export const uploadExamples = createRoute({
  ...all,
  method: "post",
  operationId: "uploadExamples",
  summary: "Add, relabel or confirm examples. Invalid rows are rejected individually",
  request: { params: headPath, body: { required: true, content: { ...rows, ...streams } } },
  responses: { 200: json(uploadResult, "The result of the rows. All rows that it counts are committed"), ...problems },
});

export const listExamples = createRoute({
  ...all,
  method: "get",
  operationId: "listExamples",
  summary: "List examples",
  request: { params: headPath, query: exampleFilter },
  responses: { 200: json(pageOf(example), "A page, oldest first"), ...problems },
});

export const exportExamples = createRoute({
  ...common,
  path: "/v1/heads/{head}/examples/export",
  method: "get",
  operationId: "exportExamples",
  summary: "Export all examples as NDJSON, in the form that uploads accept: with inputs, features or both",
  request: { params: headPath, query: exportQuery },
  responses: {
    200: { description: "One example per line", content: { "application/x-ndjson": { schema: exampleRow } } },
    ...problems,
  },
});

export const getExample = createRoute({
  ...one,
  method: "get",
  operationId: "getExample",
  summary: "Show an example",
  request: { params: examplePath },
  responses: { 200: json(example, "The example"), ...problems },
});

export const updateExample = createRoute({
  ...one,
  method: "patch",
  operationId: "updateExample",
  summary: "Relabel an example or move it to another split",
  request: { params: examplePath, body: body(examplePatch) },
  responses: { 200: json(example, "The example after the change"), ...problems },
});

export const deleteExample = createRoute({
  ...one,
  method: "delete",
  operationId: "deleteExample",
  summary: "Delete an example, and its input and feature if no other example has the same input",
  request: { params: examplePath },
  responses: { 204: { description: "Deleted" }, ...problems },
});

export const giveFeedback = createRoute({
  ...common,
  path: "/v1/heads/{head}/feedback",
  method: "post",
  operationId: "giveFeedback",
  summary:
    "Add an example with source `feedback`: an input, or a prediction's input by the prediction's id, with the correct label, labels or value",
  request: { params: headPath, body: body(feedbackBody) },
  responses: { 200: json(uploadResult, "The result for the example"), ...problems },
});
