// The app: every route of the contract, the reference, and one rendering of all errors.
import type { Hono } from "hono";
import { type Operation, ROUTES } from "../contract/routes.ts";
import { type AppTypes, emptyApp, mount } from "./mount.ts";
import { mountReference } from "./reference.ts";
import { dropUnread } from "./request/body.ts";
import type { Handler, Handlers } from "./request/call.ts";
import { newRequestId } from "./request/request-id.ts";
import { sent } from "./response/answer.ts";
import { faultOf, faultOfMiss } from "./response/failures.ts";
import { problemResponse } from "./response/problem.ts";
import { captures } from "./routes/captures.ts";
import { endpoints } from "./routes/endpoints.ts";
import { examples } from "./routes/examples.ts";
import { heads } from "./routes/heads.ts";
import { hooks } from "./routes/hooks.ts";
import { jobs } from "./routes/jobs.ts";
import { keys } from "./routes/keys.ts";
import { operator } from "./routes/operator.ts";
import { predict } from "./routes/predict.ts";
import { sources } from "./routes/sources.ts";
import { usage } from "./routes/usage.ts";
import { versions } from "./routes/versions.ts";
import { makeMemory } from "./worker-caches.ts";

const handlers: Handlers<Operation> = {
  ...operator,
  ...keys,
  ...heads,
  ...examples,
  ...jobs,
  ...versions,
  ...predict,
  ...captures,
  ...usage,
  ...endpoints,
  ...sources,
  ...hooks,
};

export function createApp(): Hono<AppTypes> {
  const app = emptyApp();
  const memory = makeMemory();
  for (const name of Object.keys(ROUTES) as Operation[]) {
    mount(app, ROUTES[name], handlers[name] as Handler<Operation>, memory);
  }
  mountReference(app);
  app.notFound(async ({ req }) => {
    await dropUnread(req.raw);
    return problemResponse(faultOfMiss(req.method, req.path), newRequestId());
  });
  app.onError(async (error, context) => {
    await dropUnread(context.req.raw);
    const requestId = context.get("requestId") ?? newRequestId();
    return sent(problemResponse(faultOf(error, requestId), requestId), context.get("meter")?.fields());
  });
  return app;
}
