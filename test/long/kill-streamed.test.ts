// SIGKILL while a head trains on more rows than stay in memory, linear and with a hidden layer: the rows are streamed from
// SQLite, and the version equals that of an undisturbed training. KILL_SEED decides the moments.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type Client, createClient } from "../../src/client/client.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { newTenant, pause, removeFolder, seeded, start, temporaryFolder, versionOf } from "../journeys/support.ts";

const SEED = Number(process.env.KILL_SEED ?? 7);
const [DIMS, LABELS, BATCH, KILLS] = [384, 8, 1_000, 3];
/** More rows than a training may keep on the heap. */
const ROWS = Math.ceil((1.05 * LIMITS.residentBlockBytes) / (2 * DIMS) / BATCH) * BATCH;
const HEAD = { id: "head", task: "classification", backbone: "features", dimension: DIMS } as const;
const JOBS = [
  { recipe: "linear", options: { l2: 0.001 } },
  { recipe: "mlp", options: { hidden_units: 64, max_epochs: 2 } },
] as const;

const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

/** Noisy clusters, as CSV with base64 vectors. */
function* batches(): Generator<string> {
  const noise = seeded(1);
  const centres = Float32Array.from({ length: LABELS * DIMS }, () => 0.3 * (noise() - 0.5));
  const vector = new Float32Array(DIMS);
  for (let row = 0; row < ROWS; row += BATCH) {
    const lines = Array.from({ length: BATCH }, (_, i) => {
      const label = (row + i) % LABELS;
      for (let d = 0; d < DIMS; d++) vector[d] = (centres[label * DIMS + d] as number) + noise() - 0.5;
      return `${row + i},${Buffer.from(vector.buffer).toString("base64")},label-${label}`;
    });
    yield `id,features,label\n${lines.join("\n")}`;
  }
}

/** The key of a tenant whose head has the rows. The folder with its state is copied for each run. */
async function ingest(state: string): Promise<string> {
  const service = await start(state);
  const { client, key } = await newTenant(service, "streamed");
  await client.createHead(HEAD);
  for (const batch of batches()) await client.uploadExamples(HEAD.id, { csv: batch });
  expect((await client.getHead(HEAD.id)).examples.total).toBe(ROWS);
  await service.kill();
  return key;
}

/** Digests of the jobs' versions, with or without a kill of the runtime during each job. */
async function train(state: string, key: string, kills: number): Promise<{ digests: string[]; killed: number }> {
  const random = seeded(SEED);
  let service = await start(state);
  const port = Number(new URL(service.url).port);
  const client = createClient(service.url, key);
  const digests: string[] = [];
  let killed = 0;
  for (const job of JOBS) {
    const { id } = await client.startJob(HEAD.id, { ...job, promote: "never" });
    for (let kill = 0; kill < kills && (await isRunning(client, id)); kill++) {
      await pause(random() * 800);
      if ((await client.getJob(HEAD.id, id)).status === "running") killed++;
      await service.kill();
      service = await start(state, port);
    }
    digests.push((await client.getVersion(HEAD.id, await versionOf(client, HEAD.id, id))).digest);
  }
  await service.kill();
  return { digests, killed };
}

/** Waits until the rows are read and the job trains. Returns false if the job has ended. */
async function isRunning(client: Client, job: string): Promise<boolean> {
  for (;;) {
    const { status } = await client.getJob(HEAD.id, job);
    if (status !== "queued") return status === "running";
    await pause(50);
  }
}

it("trainings on rows streamed from SQLite end with the same digests, whether they are killed or not", async () => {
  const [calm, disturbed] = [join(folder, "calm"), join(folder, "disturbed")];
  const key = await ingest(calm);
  cpSync(calm, disturbed, { recursive: true });
  const { digests } = await train(calm, key, 0);
  const other = await train(disturbed, key, KILLS);
  console.log(`${ROWS} rows; killed ${other.killed} times while training`);
  expect(other.killed).toBeGreaterThan(JOBS.length);
  expect(other.digests).toEqual(digests);
});
