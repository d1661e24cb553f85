// npm run bench:gradient [-- --json] [ROWSxDIMSxCLASSES…]: one full gradient of a linear softmax head, ours in workerd,
// compared with torch on one thread and with tfjs alone, on the same numbers. The sides take turns, round by round, so that a
// slow minute of the machine affects all of them.
import { parseArgs } from "node:util";
import { type Bench, startBench } from "./host/bench.ts";
import { openFeatureSet } from "./host/feature-set.ts";
import { rounded } from "./host/rounded.ts";
import { type Shape, withSyntheticSet } from "./host/synthetic-set.ts";
import { type Column, fixed, headerOf, lineOf } from "./host/table.ts";
import { type GradientRun, startTorch, type Torch } from "./host/torch.ts";
import { median } from "./median.ts";

const SHAPES: readonly Shape[] = [
  { rows: 10_000, dims: 384, classes: 10 },
  { rows: 10_000, dims: 256, classes: 77 },
  { rows: 67_349, dims: 256, classes: 2 },
  { rows: 10_000, dims: 1_024, classes: 77 },
];
const ROUNDS = 5;
const REPETITIONS_PER_ROUND = 3;
/** The tolerance between two sides, which sum the same rows in float32 in different orders. */
const RELATIVE_TOLERANCE = 1e-3;

interface GradientRow extends Shape {
  readonly ours_ms: number;
  readonly rough_ms: number;
  readonly torch_ms: number | null;
  readonly autodiff_ms: number;
  readonly products_ms: number;
  readonly ratio_torch: number | null;
  readonly rough_ratio_torch: number | null;
  readonly gflops: number;
}

type Side = "ours" | "ours_rough" | "torch" | "autodiff" | "products";

const COLUMNS: readonly Column<GradientRow>[] = [
  { title: "rows×dims×classes", width: 17, of: ({ rows, dims, classes }) => `${rows}×${dims}×${classes}` },
  { title: "ours ms", width: 8, of: (row) => fixed(row.ours_ms, 2) },
  { title: "rough ms", width: 8, of: (row) => fixed(row.rough_ms, 2) },
  { title: "torch ms", width: 8, of: (row) => fixed(row.torch_ms, 2) },
  { title: "tfjs autodiff ms", width: 16, of: (row) => fixed(row.autodiff_ms, 2) },
  { title: "tfjs products ms", width: 16, of: (row) => fixed(row.products_ms, 2) },
  { title: "ours/torch", width: 10, of: (row) => fixed(row.ratio_torch, 3) },
  { title: "rough/torch", width: 11, of: (row) => fixed(row.rough_ratio_torch, 3) },
  { title: "GFLOP/s", width: 7, of: (row) => fixed(row.gflops, 1) },
];

const measure = (shape: Shape): Promise<GradientRow> =>
  withSyntheticSet(shape, async (folder) => {
    const [bench, torch] = [await startBench(openFeatureSet(folder)), await startTorch(folder)];
    try {
      return rowOf(shape, await takeTurns(bench, torch));
    } finally {
      await Promise.all([bench.stop(), torch?.stop()]);
    }
  });

async function takeTurns(bench: Bench, torch: Torch | null): Promise<Map<Side, GradientRun[]>> {
  const runs = new Map<Side, GradientRun[]>();
  const sides: readonly Side[] = torch
    ? ["ours", "ours_rough", "torch", "products", "autodiff"]
    : ["ours", "ours_rough", "products", "autodiff"];
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of sides) {
      const run = side === "torch" && torch ? await torch.run(REPETITIONS_PER_ROUND) : await inWorkerd(bench, side);
      runs.set(side, [...(runs.get(side) ?? []), run]);
    }
  }
  refuseDisagreement(runs);
  return runs;
}

async function inWorkerd(bench: Bench, method: Side): Promise<GradientRun> {
  const params = { method, repetitions: REPETITIONS_PER_ROUND };
  return (await bench.run<GradientRun>("gradient", params)).result;
}

/** Throws if a gradient is wrong, so that no bench reports its speed. */
function refuseDisagreement(runs: ReadonlyMap<Side, readonly GradientRun[]>): void {
  const [first, ...others] = [...runs.values()].flat();
  const differs = (a: number, b: number): boolean => !(Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.abs(b));
  for (const { loss, norm } of others) {
    if (first && (differs(loss, first.loss) || differs(norm, first.norm)))
      throw new Error(`Losses ${loss} and ${first.loss}, lengths ${norm} and ${first.norm}: not the same gradient`);
  }
}

function rowOf(shape: Shape, runs: ReadonlyMap<Side, readonly GradientRun[]>): GradientRow {
  const ms = (side: Side): number => rounded(median((runs.get(side) ?? []).flatMap((run) => run.ms)));
  const ours_ms = ms("ours");
  const torch_ms = runs.has("torch") ? ms("torch") : null;
  const rough_ms = ms("ours_rough");
  const ofTorch = (own: number): number | null => (torch_ms === null ? null : rounded(own / torch_ms));
  const flops = 4 * shape.rows * shape.dims * shape.classes; // two products, a multiplication and an addition each
  return {
    ...shape,
    ours_ms,
    rough_ms,
    torch_ms,
    autodiff_ms: ms("autodiff"),
    products_ms: ms("products"),
    ratio_torch: ofTorch(ours_ms),
    rough_ratio_torch: ofTorch(rough_ms),
    gflops: rounded(flops / ours_ms / 1e6, 1),
  };
}

function shapeOf(text: string): Shape {
  const [, rows, dims, classes] = /^(\d+)x(\d+)x(\d+)$/.exec(text) ?? [];
  if (!classes) throw new Error(`"${text}" is no shape: write ROWSxDIMSxCLASSES, such as 10000x384x10`);
  return { rows: Number(rows), dims: Number(dims), classes: Number(classes) };
}

const options = { json: { type: "boolean", default: false } } as const;
const { values, positionals } = parseArgs({ allowPositionals: true, options });
const { json } = values;
if (!json) console.log(headerOf(COLUMNS));
for (const shape of positionals.length > 0 ? positionals.map(shapeOf) : SHAPES) {
  const row = await measure(shape);
  console.log(json ? JSON.stringify(row) : lineOf(COLUMNS, row));
}
