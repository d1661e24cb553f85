// npm run bench:backbones [-- --model FOLDER --onnx FILE --picture FILE --weights int8 --embeddings int4 --json]: a text encoder and a
// picture network, compiled to bundles, in Node and in workerd, compared with onnxruntime-web on the same models, one thread each. The
// sides take turns, round by round, so that a slow minute of the machine affects all of them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compileModel } from "../support/compiled-bundle.ts";
import { integers, normals, seededRandom } from "../support/random.ts";
import { root } from "./host/bundle.ts";
import { onnxruntime, oursInNode, oursInWorkerd, SIDES } from "./host/graph-sides.ts";
import type { GraphSide, GraphWork } from "./host/graph-work.ts";
import { rounded } from "./host/rounded.ts";
import { type Column, fixed, headerOf, lineOf } from "./host/table.ts";
import { median } from "./median.ts";

const MODELS = join(root, "../shared/models");
const ROUNDS = 15;
const WARM_UPS = 5;
const MIB = 2 ** 20;
const TAPS = ["layer 4", "layer 6"];
const FIRST_WORD = 1_000;
const WORDS = 28_000;

interface BackboneRow {
  readonly work: string;
  readonly node_ms: number;
  readonly workerd_ms: number;
  readonly onnxruntime_ms: number;
  readonly node_ratio: number;
  readonly workerd_ratio: number;
  readonly heap_mib: number;
}

const COLUMNS: readonly Column<BackboneRow>[] = [
  { title: "texts×tokens", width: 12, of: ({ work }) => work },
  { title: "Node ms", width: 8, of: (row) => fixed(row.node_ms, 2) },
  { title: "workerd ms", width: 10, of: (row) => fixed(row.workerd_ms, 2) },
  { title: "onnxruntime-web ms", width: 18, of: (row) => fixed(row.onnxruntime_ms, 2) },
  { title: "Node/onnx", width: 9, of: (row) => fixed(row.node_ratio, 3) },
  { title: "workerd/onnx", width: 12, of: (row) => fixed(row.workerd_ratio, 3) },
  { title: "heap MiB", width: 8, of: (row) => fixed(row.heap_mib, 1) },
];

/** Any words: the time does not depend on them. */
function textWork(texts: number, tokens: number): GraphWork {
  const numbers = [...integers(seededRandom(texts * tokens), texts * tokens, WORDS)].map((id) => id + FIRST_WORD);
  return { count: texts, numbers, lengths: Array.from({ length: texts }, () => tokens), taps: TAPS };
}

const pictureWork = (): GraphWork => ({
  count: 1,
  lengths: [],
  numbers: [...normals(seededRandom(1), SIDES[0] * SIDES[1] * 3, 0.5)].map((value) => rounded(value)),
  taps: ["output"],
});

async function measure(sides: readonly GraphSide[], name: string, work: GraphWork): Promise<BackboneRow> {
  const measured = sides.map((): number[] => []);
  for (let round = -WARM_UPS; round < ROUNDS; round++)
    for (const [at, side] of sides.entries()) {
      const ms = await side.run(work);
      if (round >= 0) measured[at]?.push(ms);
    }
  const [node_ms = 0, workerd_ms = 0, onnxruntime_ms = 0] = measured.map((ms) => rounded(median(ms)));
  return {
    work: name,
    node_ms,
    workerd_ms,
    onnxruntime_ms,
    node_ratio: rounded(node_ms / onnxruntime_ms),
    workerd_ratio: rounded(workerd_ms / onnxruntime_ms),
    heap_mib: rounded((sides[1]?.heapBytes() ?? 0) / MIB, 1),
  };
}

interface Compared {
  readonly model: string;
  readonly options: readonly string[];
  readonly onnx: string;
  readonly works: readonly (readonly [name: string, GraphWork])[];
}

async function compare({ model, options, onnx, works }: Compared, isJson: boolean): Promise<void> {
  const compiled = compileModel(model, options);
  const sides = [await oursInNode(compiled), await oursInWorkerd(compiled), await onnxruntime(onnx)];
  try {
    for (const [name, work] of works) {
      const row = await measure(sides, name, work);
      console.log(isJson ? JSON.stringify(row) : lineOf(COLUMNS, row));
    }
  } finally {
    for (const side of sides) await side.stop();
  }
}

const { values } = parseArgs({
  options: {
    model: { type: "string", default: join(MODELS, "all-MiniLM-L6-v2") },
    onnx: { type: "string", default: join(MODELS, "all-MiniLM-L6-v2-int8-onnx/model.onnx") },
    picture: { type: "string", default: join(MODELS, "efficientnet-lite0-onnx/model.onnx") },
    weights: { type: "string", default: "int8" },
    embeddings: { type: "string", default: "int4" },
    json: { type: "boolean", default: false },
  },
});
const { model, onnx, picture, weights, embeddings, json } = values;
if (!json) console.log(headerOf(COLUMNS));
const sizes = [
  [1, 16],
  [1, 32],
  [1, 128],
  [8, 32],
  [8, 128],
] as const;
await compare(
  {
    model,
    options: [...TAPS.flatMap((tap) => ["--tap", tap]), "--weights", weights, "--embeddings", embeddings],
    onnx,
    works: sizes.map(([texts, tokens]) => [`${texts}×${tokens}`, textWork(texts, tokens)]),
  },
  json,
);
const rules = ["--output", "features", "--mean", "127", "--deviation", "128", "--filter", "bicubic"];
if (existsSync(picture))
  await compare(
    { model: picture, options: [...rules, "--weights", weights], onnx: picture, works: [["1 picture", pictureWork()]] },
    json,
  );
