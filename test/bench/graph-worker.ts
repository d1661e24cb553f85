// A Worker that holds one bundle and times runs of its graph. It is sent the bundle's files first.
import type { Bundle } from "../../src/contract/bundle/bundle.ts";
import { isolateMemory } from "../../src/core/memory-budget.ts";
import { Turns } from "../../src/core/turns.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { kernelModule } from "../../src/graph/kernels/module.ts";
import { loadBundle } from "../../src/graph/load.ts";
import { type GraphWork, inputsOf } from "./host/graph-work.ts";

export { BenchObject } from "./object/bench-object.ts";

const pieces: Uint8Array<ArrayBuffer>[] = [];
let graph: Graph | undefined;

/** PUT /pieces appends a piece, PUT /bundle loads the bundle, POST /run times a run. */
async function answer(request: Request, path: string): Promise<object> {
  if (path === "/pieces") return { count: pieces.push(new Uint8Array(await request.arrayBuffer())) };
  if (path === "/bundle") return load(await request.json<Bundle>());
  return time(await request.json<GraphWork & { times: number }>());
}

async function load(bundle: Bundle): Promise<object> {
  const host = { kernels: kernelModule, memory: isolateMemory, now: () => Date.now() };
  graph = await loadBundle(bundle, async (piece) => pieces[piece] as Uint8Array<ArrayBuffer>, host);
  pieces.length = 0;
  return { heap_bytes: graph.heapBytes };
}

async function time({ times, ...work }: GraphWork & { times: number }): Promise<object> {
  const loaded = graph as Graph;
  const inputs = inputsOf(work);
  const started = performance.now();
  for (let time = 0; time < times; time++) await loaded.run(inputs, work.taps, new Turns());
  return { ms: (performance.now() - started) / times, heap_bytes: loaded.heapBytes };
}

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return Response.json(await answer(request, new URL(request.url).pathname));
    } catch (error) {
      return Response.json({ error: (error as Error).stack ?? String(error) }, { status: 500 });
    }
  },
};
