// Backbones: the frozen functions from an input to a feature vector, by the ids that heads name.
import { createRoute, z } from "@hono/zod-openapi";
import { json, type Later, later, pageOf, pageQuery, problems, security } from "./common.ts";

export const BACKBONES = ["features", "text-embedded"] as const;
export type BackboneId = (typeof BACKBONES)[number];

export const backbone = later(() =>
  z
    .object({
      id: z.enum(BACKBONES),
      modality: z.enum(["text", "features"]),
      dimension: z.int().nullable().openapi({ description: "null where the head chooses it" }),
      revision: z.string(),
      description: z.string(),
    })
    .openapi("Backbone"),
);
export type BackboneView = Later<typeof backbone>;

export const listBackbones = createRoute({
  method: "get",
  path: "/v1/backbones",
  operationId: "listBackbones",
  tags: ["Backbones"],
  security,
  summary: "List backbones",
  request: { query: pageQuery },
  responses: { 200: json(pageOf(backbone), "A page, by id"), ...problems },
});
