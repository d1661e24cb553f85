// The sides of a bench of backbones: our runtime in Node and in workerd, and onnxruntime-web in Node, each on one thread.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-web";
import { type CompiledFiles, loadInNode } from "../../support/compiled-bundle.ts";
import { BENCH_WORKER, type Bundle, root } from "./bundle.ts";
import { type GraphSide, type GraphWork, inputsOf } from "./graph-work.ts";
import { startRuntime } from "./runtime.ts";

/** Of the pictures that are measured. */
export const SIDES = [224, 224] as const;

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
    run: (work) => timed(() => graph.run(inputsOf(work), work.taps)),
    heapBytes: () => graph.heapBytes,
    stop: async () => graph.dispose(),
  };
}

const GRAPH_WORKER: Bundle = {
  ...BENCH_WORKER,
  entry: join(root, "test/bench/graph-worker.ts"),
  main: "graph-worker.js",
};
/** workerd's clock advances by milliseconds: a measurement takes about this many tokens' work, or a few pictures. */
const TOKENS_A_MEASUREMENT = 256;
const PICTURES_A_MEASUREMENT = 4;

export async function oursInWorkerd(compiled: CompiledFiles): Promise<GraphSide> {
  const runtime = await startRuntime(GRAPH_WORKER);
  for (const bytes of compiled.pieces) await runtime.send("PUT", "/pieces", bytes);
  const loaded = await runtime.send("PUT", "/bundle", JSON.stringify(compiled.bundle));
  let heapBytes = (loaded as { heap_bytes: number }).heap_bytes;
  return {
    name: "workerd",
    async run(work) {
      const isText = work.lengths.length > 0;
      const times = isText ? Math.ceil(TOKENS_A_MEASUREMENT / work.numbers.length) : PICTURES_A_MEASUREMENT;
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

/** Texts of one length: onnxruntime takes [batch, sequence]. Pictures: it takes [batch, channels, height, width]. */
function tensorsOf({ count, numbers, lengths }: GraphWork): Record<string, ort.Tensor> {
  if (lengths.length === 0) return { image: new ort.Tensor("float32", planes(numbers), [count, 3, ...SIDES]) };
  const shape = [count, lengths[0] as number];
  const filled = (value: (id: number) => number): ort.Tensor =>
    new ort.Tensor(
      "int64",
      BigInt64Array.from(numbers, (id) => BigInt(value(id))),
      shape,
    );
  return { input_ids: filled((id) => id), attention_mask: filled(() => 1), token_type_ids: filled(() => 0) };
}

/** One plane after another, of one picture. */
function planes(numbers: readonly number[]): Float32Array {
  const pixels = numbers.length / 3;
  return Float32Array.from(numbers, (_, at) => numbers[(at % pixels) * 3 + Math.floor(at / pixels)] as number);
}
