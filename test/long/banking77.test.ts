// A real data set of 77 intents: uploaded as CSV over HTTP, trained, and its test set predicted.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import type { ClassificationMetrics } from "../../src/contract/metrics.ts";
import type { Classified } from "../../src/contract/predict.ts";
import { DATASETS, newTenant, present, removeFolder, start, temporaryFolder, versionOf } from "../journeys/support.ts";

const folder = join(DATASETS, "banking77");
const state = temporaryFolder();
const HEAD = "intents";
let service: Service;
let client: Client;

beforeAll(async () => {
  service = await start(state);
  ({ client } = await newTenant(service, "bank"));
  await client.createHead({ id: HEAD, task: "classification", backbone: "text-embedded" });
});
afterAll(async () => {
  await service.kill();
  removeFolder(state);
});

type Row = { text: string; category: string };
const read = (name: string): Row[] =>
  parse(readFileSync(join(folder, name), "utf8"), { columns: true, relax_quotes: true });
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const csvOf = (rows: readonly Row[]): string =>
  `text,label\n${rows.map(({ text, category }) => `${quoted(text)},${category}`).join("\n")}\n`;

async function accuracyOn(rows: readonly Row[]): Promise<number> {
  let hits = 0;
  for (let at = 0; at < rows.length; at += 256) {
    const batch = rows.slice(at, at + 256);
    const { predictions } = await client.predict(
      HEAD,
      batch.map(({ text }) => ({ text })),
      { top: 1 },
    );
    hits += batch.filter(({ category }, i) => (predictions[i] as Classified).label === category).length;
  }
  return hits / rows.length;
}

it.skipIf(!present(folder))("a head learns banking77 to 0.885, and computes no feature twice", async () => {
  const csv = csvOf(read("train.csv"));
  const started = Date.now();
  const first = await client.uploadExamples(HEAD, { csv });
  const pushed = Date.now();
  const second = await client.uploadExamples(HEAD, { csv });
  expect(first.rejected_total).toBe(0);
  expect(first.added + first.updated + first.unchanged).toBe(10_003);
  expect(second).toMatchObject({ added: 0, updated: 0, unchanged: 10_003, rejected_total: 0 });
  expect(second.features).toEqual({ computed: 0, cached: 10_003, pending: 0 });
  const queued = Date.now();
  const job = await client.startJob(HEAD);
  const version = await client.getVersion(HEAD, await versionOf(client, HEAD, job.id));
  const trained = Date.now();
  const accuracy = await accuracyOn(read("test.csv"));
  const rate = Math.round((1_000 * 10_003) / (pushed - started));
  console.log(
    `banking77: ${rate} examples/s, ${(trained - queued) / 1_000} s of training, test accuracy ${accuracy.toFixed(4)}`,
  );
  expect(accuracy).toBeGreaterThanOrEqual(0.885);
  const validation = version.metrics.validation as ClassificationMetrics;
  expect(validation.accuracy).toBeGreaterThan(version.metrics.baseline.accuracy as number);
});
