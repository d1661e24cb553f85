// A version of a thousand labels has megabytes of weights and a million counts. All work on it must yield to other requests at
// least every 50 ms.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NewJob } from "../../src/contract/jobs.ts";
import { trained } from "../bench/host/served-heads.ts";
import { type BlockService, json, listOf, startBlockService } from "./block-service.ts";
import type { Sent } from "./block-watch.ts";

const [LABELS, EXAMPLES] = [1_000, 100_000];
const VERSION = "/v1/heads/text/versions";
/** Few steps, because this test is about the size of the head. */
const JOB = { recipe: "linear", options: { l2: 0.1, max_iterations: 1 }, promote: "always" } as const;

let service: BlockService;
const files: Record<string, Uint8Array> = {};
let made = 0;

beforeAll(async () => {
  service = await startBlockService();
  const { client } = service;
  await client.createHead({ id: "text", task: "classification", backbone: "text-embedded" });
  // Rows of the split "test" give the version a second confusion.
  const rows = listOf(3 * LABELS, (i) => {
    const label = Math.floor(i / 3);
    return `alpha${label}beta case ${i % 3},topic ${label} ${"l".repeat(100)},${i % 3 === 2 ? "test" : ""}`;
  });
  await client.uploadExamples("text", { csv: `text,label,split\n${rows.join("\n")}` });
  await trained(client, "text", JOB);
  await trained(client, "text", JOB);
  for (const format of ["json", "safetensors"]) files[format] = await fileOf(1, format);
  await client.createHead({ id: "many", task: "classification", backbone: "features", dimension: 4 });
  const many = listOf(EXAMPLES, (i) => `${vector(i)},label ${i % 10}`);
  await client.uploadExamples("many", { csv: `features,label\n${many.join("\n")}` });
  await trained(client, "many", JOB);
});
afterAll(() => service.stop());

const vector = (i: number): string =>
  Buffer.from(Float32Array.of(i, Math.sin(i), Math.cos(i), 1).buffer).toString("base64");
const send = async (path: string, sent: Sent = {}): Promise<void> =>
  expect(await service.watch.send(path, { key: service.key, ...sent })).toBeLessThan(400);

async function fileOf(version: number, format: string): Promise<Uint8Array> {
  const headers = { Authorization: `Bearer ${service.key}` };
  const response = await fetch(`${service.url}${VERSION}/${version}/export?format=${format}`, { headers });
  return new Uint8Array(await response.arrayBuffer());
}

const train = (job: NewJob): Promise<void> => trained(service.client, "text", job);
/** Promotes two versions alternately, so that each promotion changes something. */
const promote = (more: Sent = {}): Promise<void> =>
  send(`${VERSION}/${1 + (made++ % 2)}/promote`, { method: "POST", ...more });
const share = (version: number, weight: number) => ({ version, weight });

/** A file with other weights each time, because a version with known weights is not imported again. */
function otherFile(format: "json" | "safetensors"): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(files[format] as Uint8Array);
  made++;
  if (format === "safetensors") file[file.length - 8 - 4 * made] = 7;
  else new TextEncoder().encodeInto(String(1_000_000 + made).slice(1), file.subarray(file.lastIndexOf(POINT) + 1));
  return file;
}

const POINT = ".".charCodeAt(0);

async function importAndDelete(): Promise<void> {
  const { version } = await service.client.importVersion("text", otherFile("safetensors"), "safetensors");
  await send(`${VERSION}/${version}`, { method: "DELETE" });
}

describe("the service yields at least every 50 ms while it", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["shows a version", () => send(`${VERSION}/1`)],
    ["lists versions", () => send(`${VERSION}?limit=200`)],
    ["promotes a version", () => promote()],
    ["promotes a version once", () => promote({ headers: { "Idempotency-Key": `promote-${made}` } })],
    ["rolls back", () => send("/v1/heads/text/rollback", { method: "POST" })],
    ["splits traffic", () => send("/v1/heads/text/traffic", json({ split: [share(1, 50), share(2, 50)] }, "PUT"))],
    ["exports json", () => send(`${VERSION}/2/export?format=json`)],
    ["exports safetensors", () => send(`${VERSION}/2/export?format=safetensors`)],
    ["exports tfjs", () => send(`${VERSION}/2/export?format=tfjs`)],
    ["exports onnx", () => send(`${VERSION}/2/export?format=onnx`)],
    ["verifies a version", () => send(`${VERSION}/2/verify`, { method: "POST" })],
    ["verifies a version of many examples", () => send("/v1/heads/many/versions/1/verify", { method: "POST" })],
    ["trains", () => train(JOB)],
    ["trains on many examples", () => trained(service.client, "many", JOB)],
    ["trains, and compares with the live version", () => train({ ...JOB, promote: "if_better" })],
    ["imports json", () => service.client.importVersion("text", otherFile("json"), "json")],
    ["imports safetensors", () => service.client.importVersion("text", otherFile("safetensors"), "safetensors")],
    ["deletes a version", importAndDelete],
  ])("%s", async (name, work) => {
    await service.watch.expectShort(name, work);
  });
});
