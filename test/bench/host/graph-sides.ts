// The sides of a bench of backbones: our runtime in Node and in workerd, and onnxruntime-web in Node, each on one thread.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-web";
import { type CompiledFiles, loadInNode } from "../../support/compiled-bundle.ts";
import { BENCH_WORKER, type Bundle, root } from "./bundle.ts";
import type { GraphSide, GraphWork } from "./graph-work.ts";
import { startRuntime } from "./runtime.ts";

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export async function oursInNode(compiled: CompiledFiles): Promise<GraphSide> {
  const graph = await loadInNode(compiled);
  return {
    name: "node",
    /** Without turns, as onnxruntime: Node's timers take a millisecond. */
    run: ({ ids, lengths, taps }) =>
      timed(() => graph.run({ count: lengths.length, lengths, values: Int32Array.from(ids) }, taps)),
    heapBytes: () => graph.heapBytes,
    stop: async () => graph.dispose(),
  };
}

const GRAPH_WORKER: Bundle = {
  ...BENCH_WORKER,
  entry: join(root, "test/bench/graph-worker.ts"),
  main: "graph-worker.js",
};
/** workerd's clock advances by milliseconds: a measurement takes about this many tokens' work. */
const TOKENS_A_MEASUREMENT = 256;

export async function oursInWorkerd(compiled: CompiledFiles): Promise<GraphSide> {
  const runtime = await startRuntime(GRAPH_WORKER);
  for (const bytes of compiled.pieces) await runtime.send("PUT", "/pieces", bytes);
  const loaded = await runtime.send("PUT", "/bundle", JSON.stringify(compiled.bundle));
  let heapBytes = (loaded as { heap_bytes: number }).heap_bytes;
  return {
    name: "workerd",
    async run(work) {
      const times = Math.max(1, Math.round(TOKENS_A_MEASUREMENT / work.ids.length));
      const ran = await runtime.send("POST", "/run", JSON.stringify({ ...work, times }));
      heapBytes = (ran as { heap_bytes: number }).heap_bytes;
      return (ran as { ms: number }).ms;
    },
    heapBytes: () => heapBytes,
    stop: () => runtime.stop(),
  };
}

export async function onnxruntime(path: string): Promise<GraphSide> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(path));
  return {
    name: "onnxruntime-web",
    run: (work) => timed(() => session.run(tensorsOf(work))),
    heapBytes: () => null,
    stop: () => session.release(),
  };
}

/** All lengths are equal: onnxruntime takes [batch, sequence]. */
function tensorsOf({ ids, lengths }: GraphWork): Record<string, ort.Tensor> {
  const shape = [lengths.length, lengths[0] as number];
  const filled = (value: (id: number) => number): ort.Tensor =>
    new ort.Tensor(
      "int64",
      BigInt64Array.from(ids, (id) => BigInt(value(id))),
      shape,
    );
  return { input_ids: filled((id) => id), attention_mask: filled(() => 1), token_type_ids: filled(() => 0) };
}
