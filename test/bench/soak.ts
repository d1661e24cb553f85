// npm run bench:soak [-- --minutes 10] [--svg OUT.svg]: predictions at half of the rate that one connection reaches, while the
// same head trains every minute. Fails if a request fails, or if memory or live tensors grow.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { pause } from "../support/pause.ts";
import { lineChart, type Series } from "./host/line-chart.ts";
import { runLoad } from "./host/load.ts";
import { residentBytes } from "./host/resident.ts";
import { rounded } from "./host/rounded.ts";
import { askFor, labelledVectors, makeVectorHead, newTenant, startServed, trained } from "./host/served-heads.ts";
import { median } from "./median.ts";

const { values: flags } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, svg: { type: "string" } },
});
const seconds = Math.round(60 * Number(flags.minutes));
const [ROWS, CONNECTIONS, SAMPLE_MS, TRAIN_MS] = [2_000, 8, 2_000, 60_000];
/** After its first quarter, in which caches fill and code is compiled. */
const [MOST_GROWTH_MIB, BYTES_PER_MIB] = [24, 2 ** 20];

interface Sample {
  readonly seconds: number;
  readonly residentMib: number;
  readonly tensors: number;
}

const runtime = await startServed();
try {
  const { key, client } = await newTenant(runtime.url, "soak");
  await makeVectorHead(client, "rows", labelledVectors(ROWS));
  await trained(client, "rows");
  const ask = { ...askFor(runtime.url, key, "rows"), connections: CONNECTIONS };
  const peak = await runLoad({ ...ask, seconds: 5 });
  const rate = Math.floor(peak.perSecond / 2);
  const samples: Sample[] = [];
  let [isOver, jobs] = [false, 0];
  const train = async (): Promise<void> => {
    while (!isOver) {
      await trained(client, "rows");
      jobs++;
      for (let waited = 0; waited < TRAIN_MS && !isOver; waited += 500) await pause(500);
    }
  };
  const watch = async (): Promise<void> => {
    const started = performance.now();
    while (!isOver) {
      const { tensors } = (await (await fetch(`${runtime.url}/tensors`)).json()) as { tensors: number };
      const residentMib = (residentBytes(runtime.pid) ?? 0) / BYTES_PER_MIB;
      samples.push({ seconds: (performance.now() - started) / 1e3, residentMib, tensors });
      await pause(SAMPLE_MS);
    }
  };
  const loaded = runLoad({ ...ask, seconds, rate }).finally(() => {
    isOver = true;
  });
  const [load] = await Promise.all([loaded, train(), watch()]);
  report(load, { rate, jobs, samples });
} finally {
  await runtime.stop();
}

interface Soaked {
  readonly rate: number;
  readonly jobs: number;
  readonly samples: readonly Sample[];
}

function report(load: Awaited<ReturnType<typeof runLoad>>, { rate, jobs, samples }: Soaked): void {
  const quarter = Math.ceil(samples.length / 4);
  const [second, last] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  const middle = (own: readonly Sample[], of: (sample: Sample) => number): number => median(own.map(of));
  const growth = middle(last, (sample) => sample.residentMib) - middle(second, (sample) => sample.residentMib);
  const least = (own: readonly Sample[]): number => Math.min(...own.map(({ tensors }) => tensors));
  const tensors = [least(second), least(last)] as const;
  const line = { seconds, rate, jobs, requests_per_second: rounded(load.perSecond, 0), p99_ms: load.p99Ms };
  const memory = { resident_growth_mib: rounded(growth, 1), live_tensors: tensors, failures: load.failures };
  console.log(JSON.stringify({ ...line, ...memory }));
  if (flags.svg) writeFileSync(flags.svg, lineChart(seriesOf(samples), "seconds"));
  if (load.failures > 0 || growth > MOST_GROWTH_MIB || tensors[1] > tensors[0]) process.exitCode = 1;
}

function seriesOf(samples: readonly Sample[]): Series[] {
  return [
    { name: "resident MiB", points: samples.map((sample) => [sample.seconds, sample.residentMib]) },
    { name: "live tensors", points: samples.map((sample) => [sample.seconds, sample.tensors]) },
  ];
}
