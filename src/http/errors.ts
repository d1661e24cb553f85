// Answers requests for unknown paths, and requests whose handler threw.
import type { Hono } from "hono";
import type { AppTypes } from "./mount.ts";
import { dropUnread } from "./request/body.ts";
import { newRequestId } from "./request/request-id.ts";
import { sent } from "./response/answer.ts";
import { faultOf, faultOfMiss } from "./response/failures.ts";
import { problemResponse } from "./response/problem.ts";

export function answerErrors(app: Hono<AppTypes>): void {
  app.notFound(async ({ req }) => {
    await dropUnread(req.raw);
    return problemResponse(faultOfMiss(req.method, req.path), newRequestId());
  });
  app.onError(async (error, context) => {
    await dropUnread(context.req.raw);
    const requestId = context.get("requestId") ?? newRequestId();
    return sent(problemResponse(faultOf(error, requestId), requestId), context.get("meter")?.fields());
  });
}
