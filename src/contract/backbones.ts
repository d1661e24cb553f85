// Backbones: the frozen functions from an input to a feature, by the ids that heads name. Which ids exist depends on the
// deployment.
import { createRoute, z } from "@hono/zod-openapi";
import { json, type Later, later, pageOf, pageQuery, problems, security, slug } from "./common.ts";
import { MODALITIES } from "./inputs.ts";

export const backboneId = slug.openapi({
  description:
    "An id that `GET /v1/backbones` lists. Built in are `text-embedded` (text in any language) and `features` (your own vectors)",
  example: "text-embedded",
});
export type BackboneId = z.infer<typeof backboneId>;

/** The form of one feature: [dimension], or [tokens][dimension] with as many tokens as the input has. */
export const FEATURE_SHAPES = ["vector", "tokens"] as const;

export const backbone = later(() =>
  z
    .object({
      id: backboneId,
      modality: z.enum(MODALITIES),
      dimension: z.int().nullable().openapi({ description: "null: each head chooses its own" }),
      shape: z.enum(FEATURE_SHAPES).openapi({
        description:
          "The feature of an input: `vector` is [dimension], `tokens` is [tokens][dimension]. A head needs a `vector`",
      }),
      revision: z.string(),
      description: z.string(),
      state: z
        .enum(["ready", "incomplete"])
        .openapi({ description: "Heads can only be created on a backbone that is `ready`" }),
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
