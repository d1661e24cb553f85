// npm run bench:busy [-- --rows 10000 --dims 1024 --classes 77 --runs 3]: latency of predictions of a head while it trains,
// compared with an idle head, from the replica and through its object: the built service on bare workerd, 50 predictions a
// second. Also how much longer the training takes. Medians of the runs; differences and ratios within one run.
// npm run bench:busy -- --beside upload [--upload 100000 --runs 3]: the same during an upload of another tenant.
import { parseArgs } from "node:util";
import type { Client } from "../../src/client/client.ts";
import { seededRandom } from "../../src/engine/data/seeded-random.ts";
import { measureBesideUpload } from "./host/beside-upload.ts";
import { percentile } from "./host/percentile.ts";
import { rounded } from "./host/rounded.ts";
import { newTenant, startServed, trained } from "./host/served-heads.ts";
import { after, latencies } from "./host/steady-predictions.ts";
import { median } from "./median.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "10000" },
    dims: { type: "string", default: "1024" },
    classes: { type: "string", default: "77" },
    runs: { type: "string", default: "3" },
    beside: { type: "string", default: "training" },
    upload: { type: "string", default: "100000" },
  },
});
const [rows, dims, classes] = [Number(values.rows), Number(values.dims), Number(values.classes)];
const HEAD = "busy";
const [IDLE_SECONDS, UPLOAD_ROWS] = [10, 500];
const PATHS = ["replica", "strong"] as const;
type Path = (typeof PATHS)[number];

const { uniform, normal } = seededRandom(1);
const centres = Float32Array.from({ length: classes * dims }, () => 0.1 * normal());

const rowOf = (label: number): string => {
  const vector = Float32Array.from(
    { length: dims },
    (_, d) => (centres[label * dims + d] ?? 0) + 3.46 * (uniform() - 0.5),
  );
  return Buffer.from(vector.buffer).toString("base64");
};

async function upload(client: Client): Promise<void> {
  await client.createHead({ id: HEAD, task: "classification", backbone: "features", dimension: dims });
  for (let at = 0; at < rows; at += UPLOAD_ROWS) {
    const count = Math.min(UPLOAD_ROWS, rows - at);
    const lines = Array.from(
      { length: count },
      (_, i) => `${at + i},${rowOf((at + i) % classes)},${(at + i) % classes}`,
    );
    await client.uploadExamples(HEAD, { csv: `id,features,label\n${lines.join("\n")}` });
  }
}

function asking(client: Client, consistency: Path): () => Promise<unknown> {
  const input = { features: rowOf(0) };
  return () => client.predict(HEAD, [input], { top: 1, consistency });
}

/** Seconds of one training. */
async function train(client: Client): Promise<number> {
  const started = performance.now();
  await trained(client, HEAD, { promote: "always" });
  return (performance.now() - started) / 1e3;
}

interface Run {
  /** Milliseconds of predictions. */
  readonly idle: readonly number[];
  readonly busy: readonly number[];
  readonly secondsAlone: number;
  readonly secondsBeside: number;
}

/**
 * A training alone, an idle period, and a training during predictions, directly one after the other, because the machine's
 * speed changes.
 */
async function measure(client: Client, path: Path): Promise<Run> {
  const secondsAlone = await train(client);
  const predict = asking(client, path);
  await latencies(predict, after(2)); // warms up
  const idle = await latencies(predict, after(IDLE_SECONDS));
  let ended = false;
  const training = train(client).finally(() => {
    ended = true;
  });
  const busy = await latencies(predict, () => ended);
  return { idle, busy, secondsAlone, secondsBeside: await training };
}

const medianOf = (runs: readonly Run[], figure: (run: Run) => number, digits = 1): number =>
  rounded(median(runs.map(figure)), digits);

const latency = (runs: readonly Run[], of: (run: Run) => readonly number[]) => ({
  p50_ms: medianOf(runs, (run) => percentile(of(run), 0.5)),
  p99_ms: medianOf(runs, (run) => percentile(of(run), 0.99)),
  predictions: runs.reduce((sum, run) => sum + of(run).length, 0),
});

const addedMs = ({ idle, busy }: Run): number => percentile(busy, 0.99) - percentile(idle, 0.99);

function report(path: Path, runs: readonly Run[]): void {
  const measured = { idle: latency(runs, ({ idle }) => idle), training: latency(runs, ({ busy }) => busy) };
  const added = { added_p99_ms: medianOf(runs, addedMs), of_each_run: runs.map((run) => rounded(addedMs(run), 1)) };
  const job = {
    seconds_alone: medianOf(runs, ({ secondsAlone }) => secondsAlone),
    beside_predictions: medianOf(runs, ({ secondsAlone, secondsBeside }) => secondsBeside / secondsAlone, 2),
  };
  console.log(JSON.stringify({ rows, dims, classes, path, ...measured, ...added, job }));
}

async function measureBesideTraining(url: string): Promise<void> {
  const { client } = await newTenant(url, "bench");
  await upload(client);
  await train(client); // compiles the code, and makes the first version
  const runs: Record<Path, Run[]> = { replica: [], strong: [] };
  for (let run = 0; run < Number(values.runs); run++)
    for (const path of PATHS) runs[path].push(await measure(client, path));
  for (const path of PATHS) report(path, runs[path]);
}

const runtime = await startServed();
try {
  if (values.beside === "upload") await measureBesideUpload(runtime, Number(values.upload), Number(values.runs));
  else await measureBesideTraining(runtime.url);
} finally {
  await runtime.stop();
}
