// npm run bench:busy [-- --rows 10000 --dims 1024 --classes 77]: how long predictions of a head take while it trains, beside how
// long they take while it rests, from the replica and through its object: the built service on bare workerd, 50 a second. And
// how much longer the training takes for them.
import { parseArgs } from "node:util";
import type { Client } from "../../src/client/client.ts";
import { seededRandom } from "../../src/engine/seeded-random.ts";
import { pause } from "../support/pause.ts";
import { percentile } from "./host/percentile.ts";
import { rounded } from "./host/rounded.ts";
import { newTenant, startServed, trained } from "./host/served-heads.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "10000" },
    dims: { type: "string", default: "1024" },
    classes: { type: "string", default: "77" },
  },
});
const [rows, dims, classes] = [Number(values.rows), Number(values.dims), Number(values.classes)];
const HEAD = "busy";
const [IDLE_SECONDS, PER_SECOND, UPLOAD_ROWS] = [10, 50, 500];
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
    await client.uploadCsv(HEAD, `id,features,label\n${lines.join("\n")}`);
  }
}

/** Milliseconds of predictions, begun at a steady rate whatever the last one took, until `isOver`. */
async function latencies(client: Client, consistency: Path, isOver: () => boolean): Promise<number[]> {
  const input = { features: rowOf(0) };
  const taken: Promise<number>[] = [];
  for (let next = performance.now(); !isOver(); next += 1_000 / PER_SECOND) {
    const started = performance.now();
    taken.push(client.predict(HEAD, [input], { top: 1, consistency }).then(() => performance.now() - started));
    await pause(Math.max(0, next + 1_000 / PER_SECOND - performance.now()));
  }
  return Promise.all(taken);
}

/** Seconds of one training. */
async function train(client: Client): Promise<number> {
  const started = performance.now();
  await trained(client, HEAD, { promote: "always" });
  return (performance.now() - started) / 1e3;
}

const figures = (values: readonly number[]) => ({
  ...{ p50_ms: rounded(percentile(values, 0.5), 1), p99_ms: rounded(percentile(values, 0.99), 1) },
  ...{ most_ms: rounded(Math.max(...values), 1), predictions: values.length },
});

async function measure(client: Client, path: Path, alone: number): Promise<void> {
  await latencies(client, path, after(2)); // warms up
  const idle = await latencies(client, path, after(IDLE_SECONDS));
  let ended = false;
  const training = train(client).finally(() => {
    ended = true;
  });
  const busy = await latencies(client, path, () => ended);
  const besides = await training;
  const job = { seconds_alone: rounded(alone, 1), seconds_beside_predictions: rounded(besides, 1) };
  console.log(JSON.stringify({ rows, dims, classes, path, idle: figures(idle), training: figures(busy), job }));
}

function after(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1e3;
  return () => performance.now() >= end;
}

const runtime = await startServed();
try {
  const { client } = await newTenant(runtime.url, "bench");
  await upload(client);
  await train(client); // compiles, and makes the first version
  const alone = await train(client);
  for (const path of PATHS) await measure(client, path, alone);
} finally {
  await runtime.stop();
}
