// The service with one route more: an echo, which parses a body and answers with it. What a prediction costs beyond that is
// what serving costs.
import service from "../../src/worker.ts";

export * from "../../src/worker.ts";

export default {
  fetch: async (request: Request, env: never, context: ExecutionContext): Promise<Response> =>
    new URL(request.url).pathname === "/echo"
      ? Response.json(await request.json())
      : service.fetch(request, env, context),
};
