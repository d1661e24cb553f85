// Exports and imports versions as files.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { boundedArray, boundedRecord, boundedString } from "./bounds.ts";
import { headPath, json, later, laterContent, problems, security } from "./common.ts";
import { headCard } from "./head-file.ts";
import { version, versionPath } from "./versions.ts";

export const EXPORT_FORMATS = ["json", "safetensors", "tfjs", "onnx"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
/** Formats that contain everything, and can therefore be imported. */
export type ImportFormat = Extract<ExportFormat, "json" | "safetensors">;

export const exportQuery = z.strictObject({ format: z.enum(EXPORT_FORMATS).optional() });

const binary = boundedString(LIMITS.jsonBodyBytes).openapi({ format: "binary" });

const headFile = later(() =>
  z
    .strictObject({
      ...headCard().shape, // not extended: a reader of the reference would have to combine it with the card
      tensors: boundedRecord(
        boundedString(LIMITS.nameChars),
        boundedArray(z.unknown(), LIMITS.headParameters),
        LIMITS.tensorsPerFile,
      ).openapi({
        description:
          "scaler.mean and scaler.inverse [dimensions]; layers.0.weight [inputs][outputs], layers.0.bias [outputs] and so on; conformal [1,001] for a classification: the score that a label needs at coverage i / 1,000",
      }),
    })
    .openapi("HeadFile"),
);

const layersModel = later(() =>
  z
    .object({
      format: z.literal("layers-model"),
      generatedBy: z.string(),
      convertedBy: z.null(),
      modelTopology: z.record(z.string(), z.unknown()),
      userDefinedMetadata: z
        .record(z.string(), z.unknown())
        .openapi({ description: "The fields of a HeadCard, and `conformal` for a classification" }),
      weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(z.unknown()) })),
    })
    .openapi("LayersModel", { description: "The file of format=tfjs" }),
);

const exportedJson = later(() => z.union([headFile(), layersModel()]));

const common = { tags: ["Versions"], security };

export const exportVersion = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions/{version}/export",
  method: "get",
  operationId: "exportVersion",
  summary:
    "Export a version as a file with labels, scaling, weights and calibration, which gives the same answers as the service: json (the default), safetensors, tfjs (a layers model in one model.json) or onnx",
  request: { params: versionPath, query: exportQuery },
  responses: {
    200: {
      description: "The file; its ETag is the version's digest",
      content: {
        "application/json": laterContent(exportedJson),
        "application/vnd.safetensors": { schema: binary },
        "application/octet-stream": { schema: binary },
      },
    },
    304: { description: "Not modified: If-None-Match has its digest" },
    ...problems,
  },
});

export const importVersion = createRoute({
  ...common,
  path: "/v1/heads/{head}/versions/import",
  method: "post",
  operationId: "importVersion",
  summary:
    "Import a version from an exported json or safetensors file with the same task and backbone identity. It is not live until it is promoted",
  request: {
    params: headPath,
    body: {
      required: true,
      content: {
        "application/json": laterContent(headFile),
        "application/vnd.safetensors": { schema: binary },
        "application/octet-stream": { schema: binary },
      },
    },
  },
  responses: {
    200: json(version, "A version with the same weights was already imported: this one"),
    201: json(version, "Created"),
    ...problems,
  },
});
