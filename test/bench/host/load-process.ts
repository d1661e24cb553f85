// The other process of a load: reads what to send from its standard input, sends it, prints what came of it.
import { json } from "node:stream/consumers";
import autocannon from "autocannon";

interface Asked {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly base64: string;
  readonly connections: number;
  readonly seconds: number;
  readonly rate?: number;
}

const { url, headers, base64, connections, seconds, rate } = (await json(process.stdin)) as Asked;
const body = Buffer.from(base64, "base64");
const { requests, latency, non2xx, errors } = await autocannon({
  ...{ url, headers, body, connections, duration: seconds, method: "POST" },
  ...(rate === undefined ? {} : { overallRate: rate }),
});
const failures = non2xx + errors;
console.log(JSON.stringify({ perSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99, failures }));
