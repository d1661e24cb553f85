// The service with three more routes: an echo, which parses a body and returns it, so that the cost of serving a prediction can
// be compared with it; the number of tensors and the heap of the isolate; and its cached weights. It also has a backbone for sounds.
import { memory } from "@tensorflow/tfjs-core";
import { isolateMemory } from "../../src/core/memory-budget.ts";
import { isolateWeights } from "../../src/http/serving/isolate-weights.ts";
import { heapBytes } from "../../src/tensor/boot.ts";
import service from "../../src/worker.ts";
import "../support/sound-backbone.ts";

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

/** Not with `URL`, whose cost belongs neither to an echo nor to a prediction. */
const pathOf = (url: string): string => url.slice(url.indexOf("/", "https://".length));
