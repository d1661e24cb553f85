// npm run bench:large [-- --rows 1000000 --dims 384 --classes 10]: a linear head on more rows than fit into memory, all of them
// in one object. They are streamed from SQLite in 16 bits a number; the output is the time of a pass and the memory.
import { parseArgs } from "node:util";
import { startBench } from "./host/bench.ts";
import { rounded } from "./host/rounded.ts";

interface Trained {
  readonly seconds: number;
  readonly accuracy: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly path: readonly (readonly [l2: number, logLoss: number, evaluations: number])[];
}

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    dims: { type: "string", default: "384" },
    classes: { type: "string", default: "10" },
  },
});
const [rows, dims, classes] = [Number(values.rows), Number(values.dims), Number(values.classes)];
const BYTES_PER_MIB = 2 ** 20;
/** Bytes of a row of integers, and of its class. */
const [ROW_HEADER_BYTES, TARGET_BYTES] = [16, 4];

const bench = await startBench(null, true);
try {
  await bench.run("generate", { rows, dims, classes });
  const idleBytes = await bench.fresh();
  const { result, heapBytes, peakBytes, isolateBytes } = await bench.run<Trained>("auto", { recipe: "linear" });
  const evaluations = result.path.reduce((sum, [, , own]) => sum + own, 0);
  // Fits use four of five folds, so the fifth part of a pass over all rows is added.
  const secondsPerPass = ((result.phases.select ?? 0) / 1e3 / Math.max(1, evaluations)) * 1.25;
  console.log(
    JSON.stringify({
      rows,
      dims,
      classes,
      seconds: rounded(result.seconds),
      accuracy: result.accuracy,
      seconds_per_pass: rounded(secondsPerPass, 2),
      bytes_per_row: ROW_HEADER_BYTES + 2 * Math.ceil(dims / 8) * 8 + TARGET_BYTES,
      peak_mib: peakBytes === null || idleBytes === null ? null : rounded((peakBytes - idleBytes) / BYTES_PER_MIB, 1),
      // The WASM heap, objects and buffers count towards the 128 MB of an isolate. SQLite's pages do not.
      isolate_mib: rounded((heapBytes + (isolateBytes ?? 0)) / BYTES_PER_MIB, 1),
      heap_mib: rounded(heapBytes / BYTES_PER_MIB, 1),
      phases: result.phases,
    }),
  );
} finally {
  await bench.stop();
}
