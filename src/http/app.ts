// The app: every route of the contract, the reference, and one rendering of all errors.
import { Hono } from "hono";
import { type Operation, ROUTES } from "../contract/routes.ts";
import { answerErrors } from "./errors.ts";
import { type AppTypes, mount } from "./mount.ts";
import { RememberingRouter } from "./path-cache.ts";
import { mountReference } from "./reference.ts";
import type { Handler } from "./request/call.ts";
import { HANDLERS } from "./routes/handlers.ts";
import { makeWorkerCaches } from "./worker-caches.ts";

export function createApp(): Hono<AppTypes> {
  const app = new Hono<AppTypes>({ router: new RememberingRouter() });
  const caches = makeWorkerCaches();
  for (const name of Object.keys(ROUTES) as Operation[]) {
    mount(app, ROUTES[name], HANDLERS[name] as Handler<Operation>, caches);
  }
  mountReference(app);
  answerErrors(app);
  return app;
}
