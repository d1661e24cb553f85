// A burst of webhooks, 30 % repeated and 5 % forged: each is counted exactly, and a few trainings learn from all. On bare
// workerd, because the proxy of wrangler dev takes longer for a delivery than the service does. DELIVERIES=10000 npx vitest run
// --project long test/long/webhook-storm.test.ts sends as many.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Runtime } from "../bench/host/runtime.ts";
import { newTenant, startServed } from "../bench/host/served-heads.ts";
import { seeded, until } from "../journeys/support.ts";
import { type Posted, type Posting, postAll } from "../support/posting.ts";
import { standardHeaders } from "../support/signing.ts";

const DELIVERIES = Number(process.env.DELIVERIES ?? 2_000);
const [AGAIN, FORGED] = [Math.round(0.3 * DELIVERIES), Math.round(0.05 * DELIVERIES)];
const GENUINE = DELIVERIES - AGAIN - FORGED;
const [CONNECTIONS, LABELS, MAX_AGE_SECONDS] = [8, 5, 20];
let service: Runtime;

beforeAll(async () => {
  service = await startServed();
});
afterAll(() => service.stop());

/** Every genuine event, some of them repeated, with forged events between them, in the same order in every run. */
function makeStorm({ url, secret }: { readonly url: string; readonly secret: string }): (() => Posting)[] {
  const random = seeded(DELIVERIES);
  const forger = `whsec_${Buffer.from("f".repeat(32)).toString("base64")}`;
  const posting = (i: number, name: string, by: string) => (): Posting => {
    const body = JSON.stringify({ id: i, text: `message ${i} about ${i % 13}`, label: `label ${i % LABELS}` });
    return { path: url, body, headers: standardHeaders(by, body, Date.now(), name) };
  };
  const genuine = Array.from({ length: GENUINE }, (_, i) => posting(i, `msg_${i}`, secret));
  const again = Array.from({ length: AGAIN }, () => genuine[Math.floor(random() * GENUINE)] as () => Posting);
  const forged = Array.from({ length: FORGED }, (_, i) => posting(GENUINE + i, `msg_forged_${i}`, forger));
  const all = [...genuine, ...again, ...forged].map((make) => ({ make, order: random() }));
  return all.sort((a, b) => a.order - b.order).map(({ make }) => make);
}

const outcomeOf = ({ status, text }: Posted): string => {
  const { outcome, code } = JSON.parse(text) as { outcome?: string; code?: string };
  return `${status} ${outcome ?? code}`;
};

it(`${DELIVERIES} deliveries are each accepted once, and a few trainings learn from all of them`, async () => {
  const { client } = await newTenant(service.url, "storm");
  await client.createHead({ id: "head", task: "classification", backbone: "text-embedded" });
  await client.setPolicy("head", {
    debounce_seconds: 1,
    max_age_seconds: MAX_AGE_SECONDS,
    promote: "if_better",
    metric: "log_loss",
  });
  const mapping = { text: "/text", label: "/label", id: "/id" };
  const source = await client.createSource("head", { scheme: "standard-webhooks", action: "add_and_train", mapping });
  const storm = makeStorm(source);
  const started = performance.now();
  const load = { count: storm.length, connections: CONNECTIONS };
  const answers = await postAll(service.url, load, (i) => (storm[i] as () => Posting)());
  const seconds = (performance.now() - started) / 1_000;
  const counts = Map.groupBy(answers, outcomeOf);
  expect(Object.fromEntries([...counts].map(([outcome, all]) => [outcome, all.length]))).toEqual({
    "202 added": GENUINE,
    "200 duplicate": AGAIN,
    "401 bad_signature": FORGED,
  });
  expect((await client.getHead("head")).examples.total).toBe(GENUINE);
  await until(async () => (await client.getHead("head")).backlog.changes === 0);
  const { data: jobs } = await client.listJobs("head");
  expect(jobs.length).toBeLessThanOrEqual(4 + seconds / MAX_AGE_SECONDS);
  console.log(`${DELIVERIES} deliveries in ${seconds.toFixed(1)} s, ${jobs.length} jobs`);
  expect(jobs.every(({ status }) => status === "succeeded")).toBe(true);
});
