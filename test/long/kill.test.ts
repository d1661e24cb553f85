// SIGKILL of the runtime and all its processes at random moments, while examples arrive and while a head trains. KILLS=20 npx
// vitest run --project long test/long/kill.test.ts does it twenty times; the seed is KILL_SEED.
import { afterAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import { createClient } from "../../src/client/client.ts";
import { newTenant, pause, removeFolder, seeded, start, temporaryFolder, versionOf } from "../journeys/support.ts";

const KILLS = Number(process.env.KILLS ?? 6);
const SEED = Number(process.env.KILL_SEED ?? 7);
const [ROWS, DIMS, LABELS, BATCH] = [8_000, 384, 64, 200];
const folders = [temporaryFolder(), temporaryFolder()] as const;
afterAll(() => folders.forEach(removeFolder));

const random = seeded(SEED);
const HEAD = { id: "head", task: "classification", backbone: "features", dimension: DIMS } as const;

interface Row {
  readonly id: string;
  readonly features: string;
  readonly label: string;
}

/** Noisy clusters, on which a training takes seconds. */
function makeRows(): Row[] {
  const noise = seeded(1);
  const centres = Array.from({ length: LABELS }, () => Float32Array.from({ length: DIMS }, () => noise() - 0.5));
  return Array.from({ length: ROWS }, (_, i) => {
    const label = i % LABELS;
    const vector = Float32Array.from({ length: DIMS }, (_, d) => 4 * (noise() - 0.5) + (centres[label]?.[d] ?? 0));
    return { id: `row-${i}`, features: Buffer.from(vector.buffer).toString("base64"), label: `label-${label}` };
  });
}

const rows = makeRows();
const batches = Array.from({ length: ROWS / BATCH }, (_, i) => rows.slice(i * BATCH, (i + 1) * BATCH));

async function push(service: Service, key: string, batch: readonly Row[]): Promise<boolean> {
  const init = {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/x-ndjson" },
    body: batch.map((row) => JSON.stringify(row)).join("\n"),
  };
  const response = await fetch(`${service.url}/v1/heads/${HEAD.id}/examples`, init).catch(() => null);
  if (!response?.ok) return false;
  const answer = (await response.json().catch(() => null)) as { rejected_total: number } | null;
  return answer?.rejected_total === 0;
}

/** The digest of an undisturbed head. */
async function undisturbed(): Promise<string> {
  const service = await start(folders[0]);
  try {
    const { client, key } = await newTenant(service, "calm");
    await client.createHead(HEAD);
    for (const batch of batches) expect(await push(service, key, batch)).toBe(true);
    const job = await client.startJob(HEAD.id);
    return (await client.getVersion(HEAD.id, await versionOf(client, HEAD.id, job.id))).digest;
  } finally {
    await service.kill();
  }
}

it(`every acknowledged example is kept and the digest is the same if the service is killed ${KILLS} times`, async () => {
  const expected = await undisturbed();
  let service = await start(folders[1]);
  const port = Number(new URL(service.url).port);
  const { key } = await newTenant(service, "killed");
  const client = createClient(service.url, key);
  await client.createHead(HEAD);
  const restart = async (): Promise<void> => {
    await service.kill();
    service = await start(folders[1], port);
  };
  const killsWhileIngesting = Math.floor(KILLS / 2);
  const killAt = new Set(
    Array.from({ length: killsWhileIngesting }, (_, i) =>
      Math.floor(((i + random()) * batches.length) / killsWhileIngesting),
    ),
  );
  let acknowledged = 0;
  for (const [i, batch] of batches.entries()) {
    const pushed = push(service, key, batch);
    if (killAt.has(i)) {
      await pause(random() * 60);
      await restart();
    }
    let done = await pushed;
    if (done) acknowledged += batch.length;
    expect((await client.getHead(HEAD.id)).examples.total).toBeGreaterThanOrEqual(acknowledged);
    while (!done) done = await push(service, key, batch);
    acknowledged = (i + 1) * BATCH;
    expect((await client.getHead(HEAD.id)).examples.total).toBe(acknowledged);
  }
  const job = await client.startJob(HEAD.id);
  let killedWhileTraining = 0;
  for (let kill = 0; kill < KILLS - killsWhileIngesting; kill++) {
    await pause(random() * 600);
    if ((await client.getJob(HEAD.id, job.id)).status !== "succeeded") killedWhileTraining++;
    await restart();
  }
  const version = await versionOf(client, HEAD.id, job.id);
  console.log(`killed ${killAt.size} times while ingesting, ${killedWhileTraining} times while training`);
  expect(killedWhileTraining).toBeGreaterThan(0);
  expect(version).toBe(1);
  expect((await client.getVersion(HEAD.id, 1)).digest).toBe(expected);
  await expect(client.getVersion(HEAD.id, 2)).rejects.toMatchObject({ status: 404 });
  await service.kill();
});
