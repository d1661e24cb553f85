// The other process of a webhook load: reads the deliveries from its standard input, sends them, prints the results.
import { json } from "node:stream/consumers";
import { seededRandom } from "../../../src/engine/data/seeded-random.ts";
import { postAll } from "../../support/posting.ts";
import { standardHeaders } from "../../support/signing.ts";
import type { HookLoad } from "./hook-load.ts";
import { percentile } from "./percentile.ts";

const { url, path, secret, input, connections, deliveries, seed } = (await json(process.stdin)) as HookLoad;
const { normal } = seededRandom(seed);

const inputOf = (i: number): string | number[] =>
  input.kind === "text"
    ? `Where is parcel ${seed}-${i}? It should have come on Monday.`
    : Array.from({ length: input.dims }, () => Math.fround(normal()));

const started = performance.now();
const answers = await postAll(url, { count: deliveries, connections }, (i) => {
  const body = JSON.stringify({ input: inputOf(i), label: `label ${i % 10}` });
  return { path, body, headers: standardHeaders(secret, body, Date.now(), `msg_${seed}_${i}`) };
});
const seconds = (performance.now() - started) / 1_000;
const ms = answers.map((answer) => answer.ms);
const failures = answers.filter(({ status }) => status >= 300).length;
const perSecond = deliveries / seconds;
console.log(JSON.stringify({ perSecond, p50Ms: percentile(ms, 0.5), p99Ms: percentile(ms, 0.99), failures }));
