// The service on bare workerd with heads to request: the start of every serving bench.
import { type Client, createClient } from "../../../src/client/client.ts";
import type { NewJob } from "../../../src/contract/jobs.ts";
import { seededRandom } from "../../../src/engine/data/seeded-random.ts";
import { serviceWorker } from "./bundle.ts";
import { type Runtime, startRuntime } from "./runtime.ts";

export const ADMIN_KEY = "admin-key-of-the-bench";
export const [DIMS, CLASSES] = [384, 10] as const;
const UPLOAD_ROWS = 500;

const { normal } = seededRandom(1);
const centres = Array.from({ length: CLASSES * DIMS }, () => 0.2 * normal());

/** Drawn around the centre of a class. */
export const vectorOf = (label: number): number[] =>
  Array.from({ length: DIMS }, (_, d) => Math.fround((centres[label * DIMS + d] as number) + normal()));

export const labelledVectors = (rows: number): { features: number[]; label: string }[] =>
  Array.from({ length: rows }, (_, i) => ({ features: vectorOf(i % CLASSES), label: `label ${i % CLASSES}` }));

export const startServed = (isInspected = false): Promise<Runtime> =>
  startRuntime(serviceWorker({ ADMIN_KEY }), isInspected);

/** A tenant of the service at `url`, by its key. */
export async function newTenant(url: string, id: string): Promise<{ key: string; client: Client }> {
  const { key } = await createClient(url, ADMIN_KEY).createTenant(id);
  return { key, client: createClient(url, key) };
}

export async function makeVectorHead(
  client: Client,
  id: string,
  rows: readonly { features: number[]; label: string }[],
) {
  await client.createHead({ id, task: "classification", backbone: "features", dimension: DIMS });
  for (let at = 0; at < rows.length; at += UPLOAD_ROWS)
    await client.uploadExamples(id, rows.slice(at, at + UPLOAD_ROWS));
}

export const LINEAR: NewJob = { recipe: "linear", promote: "always" };

/** Trains and waits for the end; throws the error of a failed job. */
export async function trained(client: Client, head: string, asked: NewJob = LINEAR): Promise<void> {
  const job = await client.startJob(head, asked);
  for (;;) {
    const { status, error } = await client.getJob(head, job.id);
    if (status === "succeeded") return;
    if (status === "failed" || status === "cancelled") throw new Error(`Job ${job.id} ${status}: ${error?.detail}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The request of a prediction of one vector. */
export const askFor = (url: string, key: string, head: string, more: object = {}) => ({
  url: `${url}/v1/heads/${head}/predict`,
  headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
  body: JSON.stringify({ inputs: [{ features: vectorOf(0) }], ...more }),
});
