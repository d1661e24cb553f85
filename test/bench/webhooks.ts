// npm run bench:webhooks [-- --json] [--deliveries 2000] [--events 1000] [--runs 3]: webhooks a second, into heads and out to a
// receiver, by the built service on bare workerd, over keep-alive connections from a second process. In: every delivery is
// signed, with a unique id and input; ms until the response, which comes after its example is stored. Out: ms from the event to
// its receipt. Medians of the runs.
import { parseArgs } from "node:util";
import type { Client } from "../../src/client/client.ts";
import { pause } from "../support/pause.ts";
import { postAll } from "../support/posting.ts";
import { serviceWorker } from "./host/bundle.ts";
import { type EventReceiver, startReceiver } from "./host/event-receiver.ts";
import { type Delivered, type HookLoad, runHookLoad } from "./host/hook-load.ts";
import { percentile } from "./host/percentile.ts";
import { rounded } from "./host/rounded.ts";
import { type Runtime, startRuntime } from "./host/runtime.ts";
import { ADMIN_KEY, DIMS, LINEAR, labelledVectors, makeVectorHead, newTenant, trained } from "./host/served-heads.ts";
import { type Column, headerOf, lineOf } from "./host/table.ts";
import { median } from "./median.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    deliveries: { type: "string", default: "2000" },
    events: { type: "string", default: "1000" },
    runs: { type: "string", default: "3" },
  },
});
const EVENT = "traffic.changed";
const [CONNECTIONS, STEADY_EVENTS, STEADY_MS] = [8, 100, 50];
const [deliveries, events, runs] = [flags.deliveries, flags.events, flags.runs].map(Number) as [number, number, number];

/** One more run of a line; `run` counts from 1. */
type Measure = (run: number) => Promise<Delivered>;

async function measureIn({ url }: Runtime, client: Client, kind: HookLoad["input"]["kind"]): Promise<Measure> {
  const id = `in-${kind}`;
  const backbone = kind === "text" ? ("text-embedded" as const) : ("features" as const);
  const dimension = kind === "text" ? {} : { dimension: DIMS };
  await client.createHead({ id, task: "classification", backbone, ...dimension });
  const mapping = { [kind]: "/input", label: "/label" };
  const { url: path, secret } = await client.createSource(id, { scheme: "standard-webhooks", action: "add", mapping });
  const input = kind === "text" ? { kind } : { kind, dims: DIMS };
  return (seed) => runHookLoad({ url, path, secret, input, connections: CONNECTIONS, deliveries, seed });
}

/** Every request sets another split of two versions, which is an event in any order of arrival. */
async function measureOut({ url }: Runtime, client: Client, key: string, receiver: EventReceiver) {
  await makeVectorHead(client, "out", labelledVectors(100));
  await trained(client, "out");
  await trained(client, "out", { ...LINEAR, seed: 1 });
  await client.createEndpoint({ url: receiver.url, events: [EVENT] });
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  let weight = 0;
  const nextSplit = () => [
    { version: 1, weight: ++weight },
    { version: 2, weight: 1 },
  ];
  const emit = async (count: number, connections: number): Promise<void> => {
    const answers = await postAll(url, { count, connections }, () => ({
      method: "PUT",
      path: "/v1/heads/out/traffic",
      headers,
      body: JSON.stringify({ split: nextSplit() }),
    }));
    const refused = answers.find(({ status }) => status !== 200);
    if (refused) throw new Error(`${refused.status}: ${refused.text}`);
  };
  const burst: Measure = () => received(receiver, events, () => emit(events, CONNECTIONS));
  const steady: Measure = () =>
    received(receiver, STEADY_EVENTS, async () => {
      for (let event = 0; event < STEADY_EVENTS; event++) await Promise.all([emit(1, 1), pause(STEADY_MS)]);
    });
  return { burst, steady };
}

/** The deliveries of `count` events to the receiver, until no more arrive. A missing one is a failure. */
async function received({ receipts }: EventReceiver, count: number, emit: () => Promise<void>): Promise<Delivered> {
  const [before, startedAt] = [receipts.length, Date.now()];
  await emit();
  for (let last = -1; last < receipts.length; await pause(1_000)) last = receipts.length;
  const own = receipts.slice(before);
  const seconds = ((own.at(-1)?.at ?? Number.NaN) - startedAt) / 1_000;
  const delays = own.map(({ delayMs }) => delayMs);
  const figures = { p50Ms: percentile(delays, 0.5), p99Ms: percentile(delays, 0.99) };
  return { ...figures, perSecond: own.length / seconds, failures: Math.max(0, count - own.length) };
}

interface Result {
  readonly line: string;
  readonly deliveries_per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly failures: number;
}

async function resultOf(line: string, measure: Measure): Promise<Result> {
  const measured: Delivered[] = [];
  for (let run = 1; run <= runs; run++) measured.push(await measure(run));
  const of = (figure: (one: Delivered) => number): number => rounded(median(measured.map(figure)), 1);
  return {
    line,
    deliveries_per_second: of((one) => one.perSecond),
    p50_ms: of((one) => one.p50Ms),
    p99_ms: of((one) => one.p99Ms),
    failures: measured.reduce((sum, one) => sum + one.failures, 0),
  };
}

const COLUMNS: readonly Column<Result>[] = [
  { title: "line", width: 20, of: ({ line }) => line },
  { title: "deliveries/s", width: 12, of: (result) => result.deliveries_per_second.toFixed(0) },
  { title: "p50 ms", width: 8, of: (result) => result.p50_ms.toFixed(1) },
  { title: "p99 ms", width: 8, of: (result) => result.p99_ms.toFixed(1) },
  { title: "failures", width: 8, of: ({ failures }) => String(failures) },
];

const runtime = await startRuntime(serviceWorker({ ADMIN_KEY, ALLOW_PRIVATE_ENDPOINTS: "true" }));
const receiver = await startReceiver(EVENT);
try {
  const { key, client } = await newTenant(runtime.url, "webhooks");
  const { burst, steady } = await measureOut(runtime, client, key, receiver);
  const lines: readonly (readonly [string, Measure])[] = [
    [`in, ${DIMS} features`, await measureIn(runtime, client, "features")],
    ["in, text", await measureIn(runtime, client, "text")],
    ["out, at 20 a second", steady],
    [`out, ${events} at once`, burst],
  ];
  if (!flags.json) console.log(headerOf(COLUMNS));
  for (const [name, measure] of lines) {
    const result = await resultOf(name, measure);
    console.log(flags.json ? JSON.stringify(result) : lineOf(COLUMNS, result));
    if (result.failures > 0) process.exitCode = 1;
  }
} finally {
  receiver.stop();
  await runtime.stop();
}
