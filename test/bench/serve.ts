// npm run bench:serve [-- --json] [--peers] [--seconds 3] [--runs 3]: predictions a second of the built service on bare
// workerd, over keep-alive connections, from a second process; compared with an echo of the same bodies and, with --peers, with
// FastAPI and scikit-learn. Medians of the runs; ratios within one run, of lines that take turns of a second.
import { parseArgs } from "node:util";
import { startFastApi } from "./host/fastapi.ts";
import { type Measured, runLoads } from "./host/load.ts";
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
const [JSON_ROW, FASTAPI] = ["replica", "fastapi"];
const rows = labelledVectors(ROWS);

interface Line {
  readonly name: string;
  /** The lines with which the line is compared, if they are measured. */
  readonly against: readonly string[];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

async function prepare(url: string): Promise<Line[]> {
  const { key, client } = await newTenant(url, "bench");
  await makeVectorHead(client, "rows", rows);
  await client.createHead({ id: "words", task: "classification", backbone: "text-embedded" });
  const words = Array.from({ length: 200 }, (_, i) => ({
    text: `${i % 2 ? "refund" : "parcel"} ${i}`,
    label: i % 2 ? "a" : "b",
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
  const line = (name: string, against: readonly string[], to: string, body: unknown): Line => ({
    name,
    against,
    url: to,
    headers: json,
    body: JSON.stringify(body),
  });
  return [
    line("echo", [], `${url}/echo`, one),
    line(JSON_ROW, ["echo", FASTAPI], rowsUrl, one),
    line("object", ["echo"], rowsUrl, strong),
    {
      name: "float32",
      against: ["echo", JSON_ROW],
      url: rowsUrl,
      body: new Uint8Array(Float32Array.from(features).buffer),
      headers: { ...json, "Content-Type": "application/vnd.lastlayer.f32" },
    },
    line("echo of 64", [], `${url}/echo`, many),
    line("batch of 64", ["echo of 64"], rowsUrl, many),
    line("echo of text", [], `${url}/echo`, text),
    line("text", ["echo of text"], wordsUrl, text),
  ];
}

interface Result {
  readonly line: string;
  readonly connections: number;
  readonly requests_per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly failures: number;
  /** Requests a second, relative to the echo of the same body; medians of ratios within a run. */
  readonly against_echo: number | null;
  /** Requests a second, relative to those with the same vector in JSON. */
  readonly against_json: number | null;
  readonly against_fastapi: number | null;
}

const fastApiLine = (url: string, body: string): Line => ({
  name: FASTAPI,
  against: [],
  url: `${url}/predict`,
  body,
  headers: { "Content-Type": "application/json" },
});

/** Measures in one run a line and the lines with which it is compared, in turns. */
interface Run {
  readonly own: Measured;
  readonly others: ReadonlyMap<string, Measured>;
}

async function measure(line: Line, others: readonly Line[], connections: number): Promise<Result> {
  const runs: Run[] = [];
  const seconds = Number(flags.seconds);
  for (let run = 0; run < Number(flags.runs); run++) {
    const loads = [line, ...others].map((load) => ({ ...load, connections, seconds }));
    const [own, ...measured] = (await runLoads(loads, Math.ceil(seconds))) as [Measured, ...Measured[]];
    runs.push({ own, others: new Map(others.map(({ name }, i) => [name, measured[i] as Measured])) });
  }
  return resultOf(line.name, connections, runs);
}

/** Throws if any request failed, including requests of the compared lines. */
const failuresIn = (runs: readonly Run[]): number =>
  runs.flatMap(({ own, others }) => [own, ...others.values()]).reduce((sum, { failures }) => sum + failures, 0);

function resultOf(name: string, connections: number, runs: readonly Run[]): Result {
  const of = (figure: (own: Measured) => number): number => rounded(median(runs.map(({ own }) => figure(own))), 2);
  const ratio = (isOther: (name: string) => boolean): number | null => {
    const bases = (run: Run) => [...run.others].flatMap(([other, base]) => (isOther(other) ? [base] : []));
    const ratios = runs.flatMap((run) => bases(run).map((base) => run.own.perSecond / base.perSecond));
    return ratios.length === 0 ? null : rounded(median(ratios), 2);
  };
  return {
    line: name,
    connections,
    requests_per_second: of((own) => own.perSecond),
    p50_ms: of((own) => own.p50Ms),
    p99_ms: of((own) => own.p99Ms),
    failures: failuresIn(runs),
    against_echo: ratio((other) => other.startsWith("echo")),
    against_json: ratio((other) => other === JSON_ROW),
    against_fastapi: ratio((other) => other === FASTAPI),
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
  { title: "of JSON's", width: 9, of: (result) => figure(result.against_json) },
  { title: "of FastAPI's", width: 12, of: (result) => figure(result.against_fastapi) },
  { title: "failures", width: 8, of: ({ failures }) => String(failures) },
];

const runtime = await startServed();
const fastapi = flags.peers ? await startFastApi(rows) : null;
try {
  const lines = await prepare(runtime.url);
  if (fastapi) lines.push(fastApiLine(fastapi.url, lines[0]?.body as string));
  if (!flags.json) console.log(headerOf(COLUMNS));
  for (const connections of CONNECTIONS) {
    for (const line of lines) {
      const others = lines.filter(({ name }) => line.against.includes(name));
      const result = await measure(line, others, connections);
      console.log(flags.json ? JSON.stringify(result) : lineOf(COLUMNS, result));
      if (result.failures > 0) process.exitCode = 1;
    }
  }
} finally {
  await fastapi?.stop();
  await runtime.stop();
}
