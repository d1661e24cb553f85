// Changes of a head during a job, which block neither the job nor the head.
import { expect, it } from "vitest";
import { ADMIN_KEY, call, makeHead, makeTenant, must, send, waitForJob } from "../support/service.ts";

/** Enough rows that a job is still running when the next request arrives. */
const ROWS = Array.from({ length: 3_000 }, (_, i) => {
  const features = Array.from({ length: 16 }, (_, d) => Math.sin(i * 7.13 + d * 3.7) + (d === i % 12 ? 0.5 : 0));
  return JSON.stringify({ features, label: `label-${i % 12}` });
}).join("\n");

async function busyHead(tenant: string) {
  const { key } = await makeTenant(tenant);
  await makeHead(key, "busy", { dimension: 16 });
  const headers = { "Content-Type": "application/x-ndjson" };
  await send("POST", "/v1/heads/busy/examples", { key, headers, body: ROWS });
  const { id } = (await must("POST", "/v1/heads/busy/jobs", { key, body: {} })) as { id: string };
  return { key, job: id };
}

it("a job succeeds if the head is changed while it runs", async () => {
  const { key, job } = await busyHead("changed-under-way");
  for (let i = 0; i < 5; i++) await must("PATCH", "/v1/heads/busy", { key, body: { description: `change ${i}` } });
  expect(await waitForJob(key, "busy", job)).toMatchObject({ status: "succeeded" });
  expect(await must("GET", "/v1/heads/busy", { key })).toMatchObject({ description: "change 4", live: 1 });
});

it("a job that is queued just after another was cancelled runs", async () => {
  const { key, job } = await busyHead("cancelled-under-way");
  await must("POST", `/v1/heads/busy/jobs/${job}/cancel`, { key });
  const next = (await must("POST", "/v1/heads/busy/jobs", { key, body: {} })) as { id: string };
  expect(await waitForJob(key, "busy", next.id)).toMatchObject({ status: "succeeded", version: 1 });
});

it("a new tenant sees nothing of a deleted tenant with the same id", async () => {
  await busyHead("taken-again");
  const { status } = await call("DELETE", "/v1/tenants/taken-again", { key: ADMIN_KEY });
  expect(status).toBe(204);
  const { key } = await makeTenant("taken-again");
  expect((await call("GET", "/v1/heads/busy", { key })).status).toBe(404);
  expect(await must("GET", "/v1/heads", { key })).toMatchObject({ data: [] });
});
