// Health and the reference itself.
import { createRoute, z } from "@hono/zod-openapi";
import { json, later } from "./common.ts";

const state = later(() =>
  z.object({
    status: z.literal("ok"),
    version: z.string(),
    missing: z.array(z.string()).optional().openapi({
      description: "Settings that the service runs without, and some of its routes do not; absent where there are none",
    }),
  }),
);

export const health = createRoute({
  method: "get",
  path: "/healthz",
  operationId: "getHealth",
  tags: ["Operator"],
  summary: "Whether the service answers",
  responses: { 200: json(state, "It does") },
});
