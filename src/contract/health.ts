// Health and the reference itself.
import { createRoute, z } from "@hono/zod-openapi";
import { json } from "./common.ts";

export const health = createRoute({
  method: "get",
  path: "/healthz",
  operationId: "getHealth",
  tags: ["Operator"],
  summary: "Whether the service answers",
  responses: { 200: json(() => z.object({ status: z.literal("ok"), version: z.string() }), "It does") },
});
