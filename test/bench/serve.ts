// npm run bench:serve [-- --json] [--peers] [--seconds 3] [--runs 3]: predictions a second of the built service on bare workerd,
// over keep-alive connections, from a second process; beside an echo of the same bodies and, with --peers, FastAPI and
// scikit-learn. Medians of the runs; ratios within one.
import { parseArgs } from "node:util";
import { startFastApi } from "./host/fastapi.ts";
import { type Measured, runLoad } from "./host/load.ts";
import { rounded } from "./host/rounded.ts";
import {
  CLASSES,
  labelledVectors,
  makeVectorHead,
  newTenant,
  startServed,
  trained,
  vectorOf,
} from "./host/served-heads.ts";
import { type Column, headerOf, lineOf } from "./host/table.ts";
import { median } from "./median.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    seconds: { type: "string", default: "3" },
    runs: { type: "string", default: "3" },
  },
});
const [ROWS, BATCH] = [2_000, 64];
const CONNECTIONS = [1, 8];
const rows = labelledVectors(ROWS);

interface Line {
  readonly name: string;
  /** The line that its requests are set against. */
  readonly against: string | null;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

async function prepare(url: string): Promise<Line[]> {
  const { key, client } = await newTenant(url, "bench");
  await makeVectorHead(client, "rows", rows);
  await client.createHead({ id: "words", task: "classification", backbone: "text-embedded" });
  const words = Array.from({ length: 200 }, (_, i) => ({
    ...{ text: `${i % 2 ? "refund" : "parcel"} ${i}`, label: i % 2 ? "a" : "b" },
  }));
  await client.uploadExamples("words", words);
  for (const head of ["rows", "words"]) await trained(client, head);
  return linesFor(url, key);
}

function linesFor(url: string, key: string): Line[] {
  const json = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const features = vectorOf(0);
  const [one, strong] = [{ inputs: [{ features }] }, { inputs: [{ features }], consistency: "strong" }];
  const many = { inputs: Array.from({ length: BATCH }, (_, i) => ({ features: vectorOf(i % CLASSES) })) };
  const text = { inputs: [{ text: "Where is my parcel? It should have come on Monday." }] };
  const [rowsUrl, wordsUrl] = ["rows", "words"].map((head) => `${url}/v1/heads/${head}/predict`) as [string, string];
  const line = (name: string, against: string | null, to: string, body: unknown): Line => ({
    ...{ name, against, url: to, headers: json, body: JSON.stringify(body) },
  });
  return [
    line("echo", null, `${url}/echo`, one),
    line("replica", "echo", rowsUrl, one),
    line("object", "echo", rowsUrl, strong),
    {
      ...{ name: "float32", against: "echo", url: rowsUrl, body: new Uint8Array(Float32Array.from(features).buffer) },
      headers: { ...json, "Content-Type": "application/vnd.lastlayer.f32" },
    },
    line("echo of 64", null, `${url}/echo`, many),
    line("batch of 64", "echo of 64", rowsUrl, many),
    line("echo of text", null, `${url}/echo`, text),
    line("text", "echo of text", wordsUrl, text),
  ];
}

interface Result {
  readonly line: string;
  readonly connections: number;
  readonly requests_per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly failures: number;
  /** Requests a second, of those of the echo of the same body; medians of ratios within a run. */
  readonly against_echo: number | null;
  readonly against_fastapi: number | null;
}

async function measureAll(lines: readonly Line[], connections: number): Promise<Result[]> {
  const runs: Map<string, Measured>[] = [];
  for (let run = 0; run < Number(flags.runs); run++) {
    const measured = new Map<string, Measured>();
    for (const line of lines)
      measured.set(line.name, await runLoad({ ...line, connections, seconds: Number(flags.seconds) }));
    runs.push(measured);
  }
  return lines.map((line) => resultOf(line, connections, runs));
}

function resultOf({ name, against }: Line, connections: number, runs: readonly Map<string, Measured>[]): Result {
  const of = (figure: (own: Measured) => number): number =>
    rounded(median(runs.map((run) => figure(run.get(name) as Measured))), 2);
  const ratio = (other: string | null): number | null => {
    const ratios = runs.flatMap((run) => {
      const [own, base] = [run.get(name), other === null ? undefined : run.get(other)];
      return own && base ? [own.perSecond / base.perSecond] : [];
    });
    return ratios.length === 0 ? null : rounded(median(ratios), 2);
  };
  return {
    ...{ line: name, connections, requests_per_second: of((own) => own.perSecond) },
    ...{ p50_ms: of((own) => own.p50Ms), p99_ms: of((own) => own.p99Ms), failures: of((own) => own.failures) },
    ...{ against_echo: ratio(against), against_fastapi: name === "replica" ? ratio("fastapi") : null },
  };
}

const figure = (value: number | null): string => (value === null ? "" : value.toFixed(2));
const COLUMNS: readonly Column<Result>[] = [
  { title: "line", width: 13, of: ({ line }) => line },
  { title: "connections", width: 11, of: ({ connections }) => String(connections) },
  { title: "requests/s", width: 10, of: (result) => result.requests_per_second.toFixed(0) },
  { title: "p50 ms", width: 7, of: (result) => figure(result.p50_ms) },
  { title: "p99 ms", width: 7, of: (result) => figure(result.p99_ms) },
  { title: "of the echo's", width: 13, of: (result) => figure(result.against_echo) },
  { title: "of FastAPI's", width: 12, of: (result) => figure(result.against_fastapi) },
  { title: "failures", width: 8, of: ({ failures }) => String(failures) },
];

const runtime = await startServed();
const fastapi = flags.peers ? await startFastApi(rows) : null;
try {
  const lines = await prepare(runtime.url);
  const all = fastapi
    ? [
        ...lines,
        {
          ...{ name: "fastapi", against: null, url: `${fastapi.url}/predict`, body: lines[0]?.body as string },
          headers: { "Content-Type": "application/json" },
        },
      ]
    : lines;
  if (!flags.json) console.log(headerOf(COLUMNS));
  for (const connections of CONNECTIONS) {
    for (const result of await measureAll(all, connections)) {
      console.log(flags.json ? JSON.stringify(result) : lineOf(COLUMNS, result));
      if (result.failures > 0) process.exitCode = 1;
    }
  }
} finally {
  await fastapi?.stop();
  await runtime.stop();
}
