// npm run bench:backbones [-- --model FOLDER --onnx FILE --json]: a text encoder compiled to a bundle, in Node and in workerd, compared
// with onnxruntime-web on the same model, one thread each. The sides take turns, round by round, so that a slow minute of the machine
// affects all of them.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compileModel } from "../support/compiled-bundle.ts";
import { integers, seededRandom } from "../support/random.ts";
import { root } from "./host/bundle.ts";
import { onnxruntime, oursInNode, oursInWorkerd } from "./host/graph-sides.ts";
import type { GraphSide, GraphWork } from "./host/graph-work.ts";
import { rounded } from "./host/rounded.ts";
import { type Column, fixed, headerOf, lineOf } from "./host/table.ts";
import { median } from "./median.ts";

const MODELS = join(root, "../shared/models");
const ROUNDS = 15;
const WARM_UPS = 5;
const MIB = 2 ** 20;
const TAPS = ["layer 4", "layer 6"];

interface Batch {
  readonly texts: number;
  readonly tokens: number;
}
const BATCHES: readonly Batch[] = [
  { texts: 1, tokens: 16 },
  { texts: 1, tokens: 32 },
  { texts: 1, tokens: 128 },
  { texts: 8, tokens: 32 },
  { texts: 8, tokens: 128 },
];

interface BackboneRow extends Batch {
  readonly node_ms: number;
  readonly workerd_ms: number;
  readonly onnxruntime_ms: number;
  readonly node_ratio: number;
  readonly workerd_ratio: number;
  readonly heap_mib: number;
}

const COLUMNS: readonly Column<BackboneRow>[] = [
  { title: "texts×tokens", width: 12, of: ({ texts, tokens }) => `${texts}×${tokens}` },
  { title: "Node ms", width: 8, of: (row) => fixed(row.node_ms, 2) },
  { title: "workerd ms", width: 10, of: (row) => fixed(row.workerd_ms, 2) },
  { title: "onnxruntime-web ms", width: 18, of: (row) => fixed(row.onnxruntime_ms, 2) },
  { title: "Node/onnx", width: 9, of: (row) => fixed(row.node_ratio, 3) },
  { title: "workerd/onnx", width: 12, of: (row) => fixed(row.workerd_ratio, 3) },
  { title: "heap MiB", width: 8, of: (row) => fixed(row.heap_mib, 1) },
];

/** Any words: the time does not depend on them. */
function workOf({ texts, tokens }: Batch): GraphWork {
  const ids = [...integers(seededRandom(texts * tokens), texts * tokens, 28_000)].map((id) => id + 1_000);
  return { ids, lengths: Array.from({ length: texts }, () => tokens), taps: TAPS };
}

async function measure(sides: readonly GraphSide[], batch: Batch): Promise<BackboneRow> {
  const work = workOf(batch);
  const measured = sides.map((): number[] => []);
  for (let round = -WARM_UPS; round < ROUNDS; round++)
    for (const [at, side] of sides.entries()) {
      const ms = await side.run(work);
      if (round >= 0) measured[at]?.push(ms);
    }
  const [node_ms = 0, workerd_ms = 0, onnxruntime_ms = 0] = measured.map((ms) => rounded(median(ms)));
  return {
    ...batch,
    node_ms,
    workerd_ms,
    onnxruntime_ms,
    node_ratio: rounded(node_ms / onnxruntime_ms),
    workerd_ratio: rounded(workerd_ms / onnxruntime_ms),
    heap_mib: rounded((sides[1]?.heapBytes() ?? 0) / MIB, 1),
  };
}

const { values } = parseArgs({
  options: {
    model: { type: "string", default: join(MODELS, "all-MiniLM-L6-v2") },
    onnx: { type: "string", default: join(MODELS, "all-MiniLM-L6-v2-int8-onnx/model.onnx") },
    weights: { type: "string", default: "int8" },
    embeddings: { type: "string", default: "int4" },
    json: { type: "boolean", default: false },
  },
});
const compiled = compileModel(values.model, [
  ...TAPS.flatMap((tap) => ["--tap", tap]),
  ...["--weights", values.weights, "--embeddings", values.embeddings],
]);
const sides = [await oursInNode(compiled), await oursInWorkerd(compiled), await onnxruntime(values.onnx)];
try {
  if (!values.json) console.log(headerOf(COLUMNS));
  for (const batch of BATCHES) {
    const row = await measure(sides, batch);
    console.log(values.json ? JSON.stringify(row) : lineOf(COLUMNS, row));
  }
} finally {
  for (const side of sides) await side.stop();
}
