// Captures: inputs of predictions that are stored for review, as a head's `capture` rule decides.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedString } from "./bounds.ts";
import { body, headPath, json, type Later, later, pageOf, pageQuery, problems, security, time } from "./common.ts";
import { targetFields } from "./targets.ts";
import { uploadResult } from "./upload-result.ts";

export const capture = later(() =>
  z
    .object({
      id: z.string(),
      input: z.record(z.string(), z.unknown()).openapi({ description: "The input as the caller sent it" }),
      version: z.int(),
      prediction: z.record(z.string(), z.unknown()).openapi({ description: "The answer that the caller got" }),
      uncertainty: z.number().openapi({ description: "0 to 1. The list begins with the most uncertain one" }),
      created_at: time,
    })
    .openapi("Capture"),
);
export type CaptureView = Later<typeof capture>;

const common = { tags: ["Captures"], security };
const captureLabel = z.strictObject(targetFields);
export type CaptureLabel = z.infer<typeof captureLabel>;
export const capturePath = headPath.extend({ id: boundedString(LIMITS.idChars) });

export const listCaptures = createRoute({
  ...common,
  method: "get",
  path: "/v1/heads/{head}/captures",
  operationId: "listCaptures",
  summary: "List captured inputs for review, most uncertain first",
  request: { params: headPath, query: pageQuery },
  responses: { 200: json(pageOf(capture), "A page"), ...problems },
});

export const labelCapture = createRoute({
  ...common,
  method: "post",
  path: "/v1/heads/{head}/captures/{id}/label",
  operationId: "labelCapture",
  summary: "Label a captured input: it becomes an example and leaves the queue",
  request: { params: capturePath, body: body(captureLabel) },
  responses: { 200: json(uploadResult, "The same response as for an upload of one example"), ...problems },
});

export const deleteCapture = createRoute({
  ...common,
  method: "delete",
  path: "/v1/heads/{head}/captures/{id}",
  operationId: "deleteCapture",
  summary: "Delete a captured input",
  request: { params: capturePath },
  responses: { 204: { description: "Deleted" }, ...problems },
});
