// The other process of a load: reads the requests from its standard input, sends them, prints the results.
import { json } from "node:stream/consumers";
import autocannon from "autocannon";
import { median } from "../median.ts";

interface Asked {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly base64: string;
  readonly connections: number;
  /** Seconds per turn. */
  readonly seconds: number;
  readonly rate?: number;
}

type Turn = Awaited<ReturnType<typeof autocannon>>;

function send({ url, headers, base64, connections, seconds, rate }: Asked): Promise<Turn> {
  const load = { url, headers, body: Buffer.from(base64, "base64"), connections, duration: seconds, method: "POST" };
  return autocannon(rate === undefined ? load : { ...load, overallRate: rate });
}

function measuredIn(turns: readonly Turn[]) {
  const sum = (of: (turn: Turn) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  return {
    perSecond: sum(({ requests }) => requests.total) / sum(({ duration }) => duration),
    p50Ms: median(turns.map(({ latency }) => latency.p50)),
    p99Ms: median(turns.map(({ latency }) => latency.p99)),
    failures: sum(({ non2xx, errors }) => non2xx + errors),
  };
}

const { loads, turns } = (await json(process.stdin)) as { readonly loads: readonly Asked[]; readonly turns: number };
const all = loads.map((): Turn[] => []);
for (let turn = 0; turn < turns; turn++) {
  for (const [i, load] of loads.entries()) all[i]?.push(await send(load));
}
console.log(JSON.stringify(all.map(measuredIn)));
