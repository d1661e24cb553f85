// Health of the service.
import { createRoute, z } from "@hono/zod-openapi";
import { json, type Later, later } from "./common.ts";

const state = later(() =>
  z.object({
    status: z.literal("ok"),
    version: z.string(),
    missing: z.array(z.string()).optional().openapi({
      description: "Missing settings that some routes need; absent if there are none",
    }),
  }),
);
export type Health = Later<typeof state>;

export const health = createRoute({
  method: "get",
  path: "/healthz",
  operationId: "getHealth",
  tags: ["Operator"],
  summary: "Check whether the service responds",
  responses: { 200: json(state, "The service responds") },
});
