// The largest text head: 1,000 labels with 1,024 dimensions. It trains in the memory of one isolate, continues after a SIGKILL,
// and equals the result of an undisturbed training.
import { afterAll, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { newTenant, pause, removeFolder, start, temporaryFolder, until, versionOf } from "../journeys/support.ts";

const LABELS = 1_000;
const HEAD = { id: "topics", task: "classification", backbone: "text-embedded" } as const;
/** One strength and few steps, because this test is about the size of the data. */
const JOB = { recipe: "linear", options: { l2: 0.1, max_iterations: 2 }, promote: "always" } as const;

const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

const nameOf = (label: number): string => `topic-${String(label).padStart(4, "0")}`;
/** Words that only the texts of one label have. */
const textOf = (label: number, i: number): string => `alpha${label}beta gamma${label * 7}delta case ${i}`;

/** CSV files with two fields, which need no quotes. */
const csv = `text,label\n${Array.from({ length: 2 * LABELS }, (_, i) => `${textOf(i >> 1, i & 1)},${nameOf(i >> 1)}`).join("\n")}`;

it("a head of 1,000 labels of texts trains, continues after a kill, predicts, and exports and verifies its version", async () => {
  let service = await start(folder);
  const port = Number(new URL(service.url).port);
  const { key } = await newTenant(service, "large");
  const client = createClient(service.url, key);
  await client.createHead(HEAD);
  expect(await client.uploadExamples(HEAD.id, { csv })).toMatchObject({ added: 2 * LABELS });

  const { id } = await client.startJob(HEAD.id, JOB);
  await until(async () => (await client.getJob(HEAD.id, id)).progress > 0.1);
  await pause(300);
  const { status } = await client.getJob(HEAD.id, id);
  await service.kill();
  expect(status).toBe("running");
  service = await start(folder, port);
  const version = await versionOf(client, HEAD.id, id);

  const asked = [0, 499, 999];
  const inputs = asked.map((label) => ({ text: textOf(label, 0) }));
  const { predictions } = await client.predict(HEAD.id, inputs, { top: 1 });
  expect(predictions.map((answer) => ("label" in answer ? answer.label : answer))).toEqual(asked.map(nameOf));

  const { metrics, digest } = await client.getVersion(HEAD.id, version);
  expect(metrics.validation).toMatchObject({ confusion: { labels: { length: LABELS } } });
  const file = await client.exportVersion(HEAD.id, version, "safetensors");
  expect(file.byteLength).toBeGreaterThan(4 * LABELS * 1_024);
  expect(await client.verifyVersion(HEAD.id, version)).toMatchObject({ same: true, digest });
  await service.kill();
});
