// The complete workflow over HTTP: a labelling tool sends signed annotations; they become examples, the policy trains the head
// on them, a better version goes live, predictions use it, and a receiver gets an event.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import { type Client, verifyWebhook } from "../../src/client/client.ts";
import type { DeliveryAnswer } from "../../src/contract/deliveries.ts";
import type { CreatedSource } from "../../src/contract/sources.ts";
import { standardHeaders } from "../support/signing.ts";
import { type Received, Receiver } from "./receiver.ts";
import { newTenant, pause, removeFolder, start, temporaryFolder, until } from "./support.ts";

const HEAD = "tickets";
const [FIRST, WRONG, ALL] = [120, 40, 180];
/** The maximum age of a replica. */
const MOST_STALE_MS = 2_000;
const folder = temporaryFolder();
const receiver = new Receiver();
let service: Service;
let client: Client;
let source: CreatedSource;

beforeAll(async () => {
  await receiver.start();
  service = await start(folder, undefined, { ALLOW_PRIVATE_ENDPOINTS: "true" });
  ({ client } = await newTenant(service, "story"));
  await client.createHead({ id: HEAD, task: "classification", backbone: "text-embedded" });
  const when = { min_new_examples: WRONG, debounce_seconds: 2 };
  await client.setPolicy(HEAD, { ...when, promote: "if_better", metric: "accuracy", min_gain: 0.01 });
  const asked = { scheme: "standard-webhooks", action: "add", preset: "label-studio" } as const;
  source = await client.createSource(HEAD, asked);
  receiver.secret = (await client.createEndpoint({ url: receiver.url, events: ["*"] })).secret;
});
afterAll(async () => {
  await service.kill();
  await receiver.stop();
  removeFolder(folder);
});

interface Message {
  readonly text: string;
  readonly label: string;
}

const FIXTURE = new URL("../../fixtures/shop-messages/messages.csv", import.meta.url).pathname;
const LABELS = ["account_and_privacy", "damaged_on_arrival", "discount_or_voucher"];
/** Messages to a shop, on three topics. */
const messages: Message[] = readFileSync(FIXTURE, "utf8")
  .split("\n")
  .map((line) => /^([^",]+),(\w+),$/.exec(line) ?? [])
  .flatMap(([, text = "", label = ""]) => (LABELS.includes(label) ? [{ text, label }] : []))
  .slice(0, ALL);

/** Labels of a careless annotator. */
const mislabelled = ({ text, label }: Message): Message => ({
  text,
  label: LABELS[(LABELS.indexOf(label) + 1 + (text.length % 2)) % LABELS.length] as string,
});

/** An annotation in Label Studio's form: labelstud.io/guide/webhook_reference. */
const annotation = (action: "CREATED" | "UPDATED", id: number, { text, label }: Message) => ({
  action: `ANNOTATION_${action}`,
  annotation: {
    id,
    completed_by: 1,
    was_cancelled: false,
    lead_time: 3.5,
    task: id,
    project: 4,
    result: [{ id: "q1", type: "choices", from_name: "topic", to_name: "text", value: { choices: [label] } }],
  },
  task: { id, data: { text }, is_labeled: true, project: 4 },
  project: { id: 4, title: "Support" },
});

async function tell(payload: unknown): Promise<DeliveryAnswer["outcome"]> {
  const body = JSON.stringify(payload);
  const init = { method: "POST", headers: standardHeaders(source.secret, body), body };
  return ((await (await fetch(service.url + source.url, init)).json()) as DeliveryAnswer).outcome;
}

/** Sends the annotations with these numbers one after the other. Returns the outcomes. */
async function tellAll(
  action: "CREATED" | "UPDATED",
  [from, to]: readonly [number, number],
  as: (message: Message) => Message = (message) => message,
): Promise<Set<string>> {
  const outcomes = new Set<string>();
  for (let id = from; id < to; id++) outcomes.add(await tell(annotation(action, id, as(messages[id] as Message))));
  return outcomes;
}

const told = (type: string, version: number): Received | undefined =>
  receiver.received.find((event) => event.type === type && event.data.version === version);

/** Waits until the receiver has the event of a version. Returns the version's job, and its log about going live. */
async function jobOf(version: number) {
  await until(() => told("version.created", version) !== undefined && told("job.succeeded", version) !== undefined);
  const job = await client.getJob(HEAD, String(told("job.succeeded", version)?.data.job));
  let verdict = "";
  for await (const { type, data } of client.watchJob(HEAD, job.id)) if (type === "message") verdict = String(data.text);
  return { job, verdict };
}

it("a head trains once there are enough examples, and a receiver is informed that a version is live", async () => {
  expect(messages).toHaveLength(ALL);
  expect([...(await tellAll("CREATED", [0, FIRST]))]).toEqual(["added"]);
  const { job } = await jobOf(1);
  expect(job.trigger).toEqual({ kind: "policy" });
  await until(() => told("version.promoted", 1) !== undefined);
  // The receiver has verified the event with the standard's library. Now our own client verifies it.
  const { id, headers, body, data } = told("version.promoted", 1) as Received;
  expect((await verifyWebhook(headers, body, receiver.secret)).id).toBe(id);
  expect(data).toEqual({ head: HEAD, version: 1 });
  expect((await client.getHead(HEAD)).live).toBe(1);
});

it("a worse version stays a candidate, and the difference is reported", async () => {
  expect([...(await tellAll("UPDATED", [0, WRONG], mislabelled))]).toEqual(["updated"]);
  const { verdict } = await jobOf(2);
  expect(verdict).toMatch(/^version 2 is not live: not better: accuracy .* worse by \d/);
  expect(told("version.promoted", 2)).toBeUndefined();
  expect((await client.getHead(HEAD)).live).toBe(1);
});

it("changed annotations relabel and delete examples, and a better version is live everywhere within 2 s", async () => {
  const answered: { readonly sentAt: number; readonly version: number }[] = [];
  let isOver = false;
  const ask = async (): Promise<void> => {
    for (; !isOver; await pause(20)) {
      const sentAt = Date.now();
      answered.push({ sentAt, version: (await client.predict(HEAD, [{ text: "my voucher does not work" }])).version });
    }
  };
  const asking = ask();
  expect([...(await tellAll("UPDATED", [0, WRONG]))]).toEqual(["updated"]);
  expect(await tell({ action: "ANNOTATIONS_DELETED", annotations: [{ id: 0 }], project: { id: 4 } })).toBe("deleted");
  expect([...(await tellAll("CREATED", [FIRST, ALL]))]).toEqual(["added"]);
  expect((await client.getHead(HEAD)).examples.total).toBe(ALL - 1);
  const { job, verdict } = await jobOf(3);
  expect(verdict).toMatch(/^version 3 goes live: better: accuracy/);
  await until(() => told("version.promoted", 3) !== undefined);
  const promotedAt = Date.parse(job.finished_at as string);
  await pause(promotedAt + MOST_STALE_MS + 500 - Date.now());
  isOver = true;
  await asking; // rejects if a prediction failed
  expect(answered.filter(({ sentAt, version }) => sentAt > promotedAt + MOST_STALE_MS && version !== 3)).toEqual([]);
  expect([...new Set(answered.map(({ version }) => version))]).toEqual([1, 3]);
  expect(receiver.forged).toBe(0);
});
