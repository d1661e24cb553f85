// What the service knows of a route besides its declaration: who may call it, and how its body is read.
import type { RouteConfig, z } from "@hono/zod-openapi";
import type { Access } from "./common.ts";

export interface RouteEntry<Route extends RouteConfig = RouteConfig> {
  readonly route: Route;
  readonly access: Access;
  /** The schema that parses the body, if it is more lenient than the documented one; "raw" if the handler reads the body. */
  readonly body?: z.ZodType | "raw";
  /** A POST that is safe to repeat: its `Idempotency-Key` is ignored. */
  readonly changesNothing?: boolean;
}
