// The service with three routes more: an echo, which parses a body and answers with it, so that what a prediction costs beyond
// that is what serving costs; how many tensors live in the isolate, on how large a heap; and the weights that it holds.
import { memory } from "@tensorflow/tfjs-core";
import { isolateMemory } from "../../src/core/memory-budget.ts";
import { isolateWeights } from "../../src/http/serving/isolate-weights.ts";
import { heapBytes } from "../../src/tensor/boot.ts";
import service from "../../src/worker.ts";

export * from "../../src/worker.ts";

const ROUTES: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
  "/echo": async (request) => Response.json(await request.json()),
  "/memory": async () => {
    const { inUse, peak, waiting, capacity } = isolateMemory;
    return Response.json({ in_use: inUse, peak, waiting, capacity, heap_bytes: heapBytes() });
  },
  "/held": async () => Response.json({ weight_bytes: isolateWeights.bytes }),
  "/tensors": async () =>
    Response.json({ tensors: heapBytes() === 0 ? 0 : memory().numTensors, heap_bytes: heapBytes() }),
};

export default {
  fetch: (request: Request, env: never, context: ExecutionContext): Promise<Response> | Response =>
    ROUTES[pathOf(request.url)]?.(request) ?? service.fetch(request, env, context),
};

/** Not through `URL`, which would be a cost of neither an echo nor a prediction. */
const pathOf = (url: string): string => url.slice(url.indexOf("/", "https://".length));
