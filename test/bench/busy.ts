// npm run bench:busy [-- --rows 10000 --dims 1024 --classes 77]: how long predictions through a head's object take while that
// head trains, beside how long they take while it rests. The whole service, over HTTP, 50 predictions a second.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Service, startService } from "../../src/cli/service.ts";
import { Client } from "../../src/client/client.ts";
import { seededRandom } from "../../src/engine/seeded-random.ts";
import { rounded } from "./host/rounded.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "10000" },
    dims: { type: "string", default: "1024" },
    classes: { type: "string", default: "77" },
  },
});
const [rows, dims, classes] = [Number(values.rows), Number(values.dims), Number(values.classes)];
const ADMIN_KEY = "admin-key-of-the-bench";
const HEAD = "busy";
const IDLE_SECONDS = 6;
const PER_SECOND = 50;
const UPLOAD_ROWS = 500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
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
async function latencies(client: Client, isOver: () => boolean): Promise<number[]> {
  const input = { features: rowOf(0) };
  const taken: Promise<number>[] = [];
  while (!isOver()) {
    const started = performance.now();
    taken.push(
      client.predict(HEAD, [input], { top: 1, consistency: "strong" }).then(() => performance.now() - started),
    );
    await pause(1_000 / PER_SECOND);
  }
  return (await Promise.all(taken)).sort((a, b) => a - b);
}

async function train(client: Client): Promise<number> {
  const started = performance.now();
  const job = await client.startJob(HEAD, { promote: "always" });
  for (;;) {
    const { status, error } = await client.getJob(HEAD, job.id);
    if (status === "succeeded") return (performance.now() - started) / 1e3;
    if (status === "failed") throw new Error(error?.detail);
    await pause(100);
  }
}

const share = (sorted: readonly number[], at: number): number =>
  rounded(sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? 0, 1);

async function measure(service: Service): Promise<void> {
  const { key } = await new Client(service.url, ADMIN_KEY).createTenant("bench");
  const client = new Client(service.url, key);
  await upload(client);
  const alone = await train(client);
  await latencies(client, after(2)); // warms up
  const idle = await latencies(client, after(IDLE_SECONDS));
  let ended = false;
  const training = train(client).finally(() => {
    ended = true;
  });
  const busy = await latencies(client, () => ended);
  const besides = await training;
  const figures = (sorted: readonly number[]) => ({
    p50_ms: share(sorted, 0.5),
    p99_ms: share(sorted, 0.99),
    predictions: sorted.length,
  });
  const job = { seconds_alone: rounded(alone, 1), seconds_beside_predictions: rounded(besides, 1) };
  console.log(JSON.stringify({ rows, dims, classes, idle: figures(idle), training: figures(busy), job }));
}

function after(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1e3;
  return () => performance.now() >= end;
}

const folder = mkdtempSync(join(tmpdir(), "lastlayer-busy-"));
const service = await startService(folder, ADMIN_KEY);
try {
  await measure(service);
} finally {
  await service.kill();
  rmSync(folder, { recursive: true, force: true });
}
