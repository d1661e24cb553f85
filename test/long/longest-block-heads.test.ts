// Showing, changing and deleting heads and tenants takes longer the more they contain. Each must yield to other requests at
// least every 50 ms, whatever the head contains.
import { afterAll, beforeAll, describe, it } from "vitest";
import { ADMIN_KEY, trained } from "../bench/host/served-heads.ts";
import { pause } from "../journeys/support.ts";
import { type BlockService, json, listOf, startBlockService, TENANT } from "./block-service.ts";
import type { Sent } from "./block-watch.ts";

const LABELS = 1_000;
const MANY_LABELS = Array.from({ length: LABELS }, (_, i) => `${"l".repeat(60)}${i}`);
/** Few steps, because this test is about the size of the head. */
const JOB = { recipe: "linear", options: { l2: 0.1, max_iterations: 1 }, promote: "always" } as const;

let service: BlockService;

beforeAll(async () => {
  service = await startBlockService();
  const { client } = service;
  await client.createHead({ id: "text", task: "classification", backbone: "text-embedded" });
  const rows = listOf(3 * LABELS, (i) => `alpha${Math.floor(i / 3)}beta case ${i % 3},topic ${Math.floor(i / 3)}`);
  await client.uploadExamples("text", { csv: `text,label\n${rows.join("\n")}` });
  await trained(client, "text", JOB);
  await captureMany();
  await client.createHead({ id: "tags", task: "multilabel", backbone: "text-embedded" });
  for (let i = 0; i < 200; i++) await makeHead({ labels: MANY_LABELS });
});
afterAll(() => service.stop());

const send = (path: string, sent?: Sent): Promise<void> => service.send(path, sent);

describe("the service yields at least every 50 ms while it", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["lists label issues", () => send("/v1/heads/text/label-issues?limit=200")],
    ["counts answers of 1,000 labels", () => send("/v1/heads/text/stats")],
    ["creates a head of 1,000 labels", () => makeHead({ labels: listOf(LABELS, (i) => `${"l".repeat(150)}${i}`) })],
    ["adds rows of many labels", () => send("/v1/heads/tags/examples", json({ examples: listOf(1_000, taggedRow) }))],
    ["stores a report of captures", captureOnce],
    ["lists captures", () => send("/v1/heads/text/captures?limit=200")],
    ["turns captures off", () => send("/v1/heads/text", json({ capture: null }, "PATCH"))],
    ["lists heads of 1,000 labels", () => send("/v1/heads?limit=200")],
    ["changes a head of 1,000 labels", () => send("/v1/heads/text", json({ description: `${made++}` }, "PATCH"))],
    ["lists jobs", () => send("/v1/heads/text/jobs?limit=200")],
    ["lists events of a job", listEvents],
    ["shows usage", () => send("/v1/usage")],
    ["deletes a head of 1,000 labels", () => send("/v1/heads/text", { method: "DELETE" })],
    ["deletes the tenant", () => send(`/v1/tenants/${TENANT}`, { method: "DELETE", key: ADMIN_KEY })],
  ])("%s", async (name, work) => {
    await service.watch.expectShort(name, work);
  });
});

let made = 0;
const makeHead = (more: object = {}): Promise<void> =>
  send("/v1/heads", json({ id: `made-${made++}`, task: "classification", backbone: "text-embedded", ...more }));

const taggedRow = (i: number) => ({
  text: `text ${i}`,
  labels: listOf(100, (j) => `${"tag".repeat(10)}-${(i + j) % 900}`),
});

/** Several reports with the maximum number of captures. */
async function captureMany(): Promise<void> {
  await send("/v1/heads/text", json({ capture: { rate: 1, keep_days: 7 } }, "PATCH"));
  for (let i = 0; i < 4; i++) await captureOnce();
}

/** Predicts, and waits until the prediction's report is stored, which a Worker sends after a second. */
async function captureOnce(): Promise<void> {
  const inputs = listOf(200, (j) => ({ text: `text ${made++} ${j} ${"word ".repeat(200)}` }));
  await send("/v1/heads/text/predict", json({ inputs, consistency: "strong" }));
  await pause(1_200);
}

async function listEvents(): Promise<void> {
  const [job] = (await service.client.listJobs("text")).data;
  await send(`/v1/heads/text/jobs/${job?.id}/events?limit=200`);
}
