// Outgoing events, whatever receivers do and whenever the runtime is killed: each event is delivered at least once, with one
// webhook-id. Waits between attempts are a thousandth of the real ones. Everything else is real.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import type { EndpointWithSecret } from "../../src/contract/endpoints.ts";
import { type Behaviour, Receiver, well } from "../journeys/receiver.ts";
import { newTenant, removeFolder, start, temporaryFolder, until } from "../journeys/support.ts";

const VARS = { ALLOW_PRIVATE_ENDPOINTS: "true", WEBHOOK_RETRY_SCALE: "0.001" };
const HEAD = "head";
const folder = temporaryFolder();
const receivers: Receiver[] = [];
let service: Service;

beforeAll(async () => {
  service = await start(folder, undefined, VARS);
});

afterAll(async () => {
  await service.kill();
  for (const receiver of receivers) await receiver.stop();
  removeFolder(folder);
});

/** Kills the service by SIGKILL and starts it again, without a request to any object: all work continues by itself. */
async function killAndStart(): Promise<void> {
  const port = Number(new URL(service.url).port);
  await service.kill();
  service = await start(folder, port, VARS);
}

async function listen(client: Client, behaviour: Behaviour = well) {
  const receiver = await new Receiver(behaviour).start();
  receivers.push(receiver);
  const endpoint: EndpointWithSecret = await client.createEndpoint({ url: receiver.url, events: ["*"] });
  receiver.secret = endpoint.secret;
  return { receiver, endpoint };
}

/** A client of a tenant with a head that trains quickly. */
async function newHead(tenant: string): Promise<Client> {
  const { client } = await newTenant(service, tenant);
  await client.createHead({ id: HEAD, task: "classification", backbone: "features", dimension: 2 });
  const vector = (i: number): string => Buffer.from(Float32Array.of(i % 2, i / 16).buffer).toString("base64");
  const rows = Array.from({ length: 16 }, (_, i) => `${vector(i)},label-${i % 2}`);
  await client.uploadExamples(HEAD, { csv: `features,label\n${rows.join("\n")}` });
  return client;
}

/** Starts jobs, and cancels those that have not ended, so that each ends with its own event. */
async function makeJobs(client: Client, count: number): Promise<string[]> {
  const jobs: string[] = [];
  while (jobs.length < count) {
    const { id } = await client.startJob(HEAD, { promote: "never" });
    jobs.push(id);
    await client.cancelJob(HEAD, id).catch(() => null);
  }
  return jobs;
}

/** webhook-ids by job, one for each attempt to report its end. */
function endsIn({ received }: Receiver): Map<string, string[]> {
  const ends = new Map<string, string[]>();
  for (const { type, data, id } of received) {
    if (type.startsWith("job.")) ends.set(String(data.job), [...(ends.get(String(data.job)) ?? []), id]);
  }
  return ends;
}

/** Expects that every job has reported its end at least once, always with the same id. */
function expectAllTold(receiver: Receiver, jobs: readonly string[]): void {
  const ends = endsIn(receiver);
  expect([...ends.keys()].sort()).toEqual([...jobs].sort());
  for (const ids of ends.values()) expect(new Set(ids).size).toBe(1);
  expect(receiver.forged).toBe(0);
}

const JOBS = 6;
/** Less than the 20 s after which an attempt at a slow receiver ends. */
const BESIDE_SLOW_MS = 15_000;

/** What a receiver does with the first attempts of every event, before it recovers. */
const ILL: Readonly<Record<string, (elsewhere: Receiver) => Behaviour>> = {
  "answers 500": () => (response) => void response.writeHead(500).end("no"),
  redirects: (elsewhere) => (response) => void response.writeHead(307, { Location: elsewhere.url }).end(),
  "closes in the middle of its answer": () => (response) => {
    response.writeHead(200, { "Content-Length": "100" }).write("the beginning");
    setTimeout(() => response.destroy(), 20);
  },
  "closes without an answer": () => (response) => void response.destroy(),
};

describe("a receiver that, before it recovers,", () => {
  it.each(Object.keys(ILL))("%s gets every event, even if the service is killed", async (name) => {
    const client = await newHead(name.replaceAll(" ", "-"));
    const elsewhere = await new Receiver().start();
    receivers.push(elsewhere);
    const ill = (ILL[name] as (typeof ILL)[string])(elsewhere);
    const attempts = new Map<string, number>();
    const { receiver, endpoint } = await listen(client, (response, received) => {
      const attempt = (attempts.get(received.id) ?? 0) + 1;
      attempts.set(received.id, attempt);
      (attempt <= 2 ? ill : well)(response, received);
    });
    const jobs = await makeJobs(client, JOBS);
    await until(() => receiver.received.length > 0);
    await killAndStart();
    await until(() => endsIn(receiver).size === JOBS && [...attempts.values()].every((n) => n > 2));
    expectAllTold(receiver, jobs);
    expect([elsewhere.received.length, elsewhere.forged]).toEqual([0, 0]);
    await until(async () => (await client.getEndpoint(endpoint.id)).failing_since === null);
    const { data } = await client.listEndpointDeliveries(endpoint.id);
    expect(data.every(({ status, attempts: made }) => status === "succeeded" && made > 1)).toBe(true);
  });

  it("is down gets every event once it listens, even if the service is killed in the meantime", async () => {
    const client = await newHead("down");
    const { receiver, endpoint } = await listen(client);
    await receiver.stop();
    const jobs = await makeJobs(client, JOBS);
    const last = async () => (await client.listEndpointDeliveries(endpoint.id)).data.map((one) => one.last_attempt);
    await until(async () => (await last()).some((attempt) => attempt !== null));
    expect((await last()).find((attempt) => attempt !== null)).toMatchObject({ code: null, error: /connection/ });
    await killAndStart();
    await receiver.start();
    await until(() => endsIn(receiver).size === JOBS);
    expectAllTold(receiver, jobs);
  });

  it("takes longer than 20 s is aborted each time, and does not delay others, even if the service is killed", async () => {
    const client = await newHead("slow");
    const held: ServerResponse[] = [];
    const slow = await listen(client, (response) => {
      held.push(response);
      response.writeHead(200).write("wait");
    });
    const quick = await listen(client);
    const jobs = await makeJobs(client, JOBS);
    await until(() => endsIn(quick.receiver).size === JOBS, BESIDE_SLOW_MS);
    await killAndStart();
    await until(async () => (await client.getEndpoint(slow.endpoint.id)).failing_since !== null);
    const { data } = await client.listEndpointDeliveries(slow.endpoint.id);
    const given = data.filter((one) => one.last_attempt !== null);
    expect(given[0]?.last_attempt).toMatchObject({ code: null, error: "No answer within 20 s" });
    const more = await makeJobs(client, 2);
    await until(() => endsIn(quick.receiver).size === JOBS + more.length, BESIDE_SLOW_MS);
    slow.receiver.behaviour = well;
    for (const response of held) response.end();
    await until(() => endsIn(slow.receiver).size === JOBS + more.length);
    for (const { receiver } of [slow, quick]) expectAllTold(receiver, [...jobs, ...more]);
  });
});

it("a receiver that answers 410 gets no more events, and others are informed, even if the service is killed", async () => {
  const client = await newHead("gone");
  const gone = await listen(client, (response) => void response.writeHead(410).end());
  const other = await listen(client);
  await client.testEndpoint(gone.endpoint.id);
  await until(() => gone.receiver.received.length > 0);
  await killAndStart();
  await until(() => other.receiver.received.some(({ type }) => type === "endpoint.disabled"));
  const attempts = gone.receiver.received.length;
  const jobs = await makeJobs(client, 2);
  await until(() => endsIn(other.receiver).size === jobs.length);
  expect(await client.getEndpoint(gone.endpoint.id)).toMatchObject({ disabled: true, disabled_reason: "gone" });
  expect(gone.receiver.received).toHaveLength(attempts);
  expect(new Set(gone.receiver.received.map(({ id }) => id)).size).toBe(1);
  expect(other.receiver.received.find(({ type }) => type === "endpoint.disabled")?.data).toEqual({
    endpoint: gone.endpoint.id,
  });
});

it("events are signed with both secrets after a rotation, so that a receiver can change at any time", async () => {
  const client = await newHead("rotating");
  const { receiver, endpoint } = await listen(client);
  const { secret } = await client.rotateEndpoint(endpoint.id);
  expect(secret).not.toBe(endpoint.secret);
  for (const known of [endpoint.secret, secret]) {
    receiver.secret = known;
    const before = receiver.received.length;
    await client.testEndpoint(endpoint.id);
    await until(() => receiver.received.length > before);
  }
  expect(receiver.forged).toBe(0);
});

it("an endpoint with a private address is refused unless the service allows it", async () => {
  const state = temporaryFolder();
  const deployed = await start(state);
  try {
    const { client } = await newTenant(deployed, "deployed");
    for (const url of [
      "http://example.com/",
      "https://127.0.0.1:9000/",
      "https://localhost/",
      "https://[::ffff:7f00:1]/",
    ]) {
      const refused = client.createEndpoint({ url, events: ["*"] });
      await expect(refused).rejects.toMatchObject({ status: 400, code: "invalid_request" });
    }
    expect(await client.createEndpoint({ url: "https://example.com/", events: ["*"] })).toMatchObject({
      disabled: false,
    });
  } finally {
    await deployed.kill();
    removeFolder(state);
  }
});
