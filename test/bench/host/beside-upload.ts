// The effect of a large upload on predictions of another tenant, and of these on the upload: a CSV of texts, streamed into a
// separate head, alone and during 50 predictions a second.
import { readFileSync } from "node:fs";
import type { Client } from "../../../src/client/client.ts";
import { seededRandom } from "../../../src/engine/data/seeded-random.ts";
import { median } from "../median.ts";
import { percentile } from "./percentile.ts";
import { rounded } from "./rounded.ts";
import type { Runtime } from "./runtime.ts";
import { CLASSES, labelledVectors, makeVectorHead, newTenant, trained, vectorOf } from "./served-heads.ts";
import { after, latencies } from "./steady-predictions.ts";

const [IDLE_SECONDS, WORDS_PER_ROW, LABELS] = [10, 12, 20];
const WORDS =
  "the parcel came late and I want a refund for my order please cancel invoice account login password reset broken item size";

interface Upload {
  readonly rowsPerSecond: number;
  /** Processor time of the whole runtime, which is the cost of an upload alone. */
  readonly cpuSeconds: number;
}

interface Run {
  readonly idle: readonly number[];
  readonly beside: readonly number[];
  readonly uploadAlone: Upload;
  readonly uploadBeside: Upload;
}

export async function measureBesideUpload(runtime: Runtime, rows: number, runs: number): Promise<void> {
  const { client } = await newTenant(runtime.url, "asker");
  await makeVectorHead(client, "asked", labelledVectors(50 * CLASSES));
  await trained(client, "asked");
  const input = { features: vectorOf(0) };
  const predict = () => client.predict("asked", [input], { top: 1 });
  await latencies(predict, after(2)); // warms up
  const csv = csvOf(rows);
  const measured: Run[] = [];
  for (let run = 0; run < runs; run++) {
    const uploadAlone = await upload(runtime, `alone-${run}`, csv, rows);
    const idle = await latencies(predict, after(IDLE_SECONDS));
    let ended = false;
    const uploading = upload(runtime, `beside-${run}`, csv, rows).finally(() => {
      ended = true;
    });
    const beside = await latencies(predict, () => ended);
    measured.push({ idle, beside, uploadAlone, uploadBeside: await uploading });
  }
  report(rows, measured);
}

async function upload({ url, pid }: Runtime, tenant: string, csv: string, rows: number): Promise<Upload> {
  const client: Client = (await newTenant(url, tenant)).client;
  await client.createHead({ id: "filled", task: "classification", backbone: "text-embedded" });
  const [cpu, started] = [cpuSecondsOf(pid), performance.now()];
  const { added } = await client.uploadExamples("filled", { csv });
  if (added !== rows) throw new Error(`The upload added ${added} of ${rows} rows`);
  return { rowsPerSecond: rows / ((performance.now() - started) / 1e3), cpuSeconds: cpuSecondsOf(pid) - cpu };
}

/** Processor seconds of a process so far (Linux, 100 ticks a second). */
function cpuSecondsOf(pid: number): number {
  const fields = (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] as string).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function csvOf(rows: number): string {
  const { uniform } = seededRandom(3);
  const words = WORDS.split(" ");
  const word = (): string => words[Math.floor(uniform() * words.length)] as string;
  const text = (i: number): string => `message ${i} ${Array.from({ length: WORDS_PER_ROW }, word).join(" ")}`;
  const lines = Array.from({ length: rows }, (_, i) => `${text(i)},label ${i % LABELS}`);
  return `text,label\n${lines.join("\n")}\n`;
}

function report(rows: number, runs: readonly Run[]): void {
  const of = (figure: (run: Run) => number, digits = 1): number => rounded(median(runs.map(figure)), digits);
  const latency = (which: "idle" | "beside") => ({
    p50_ms: of((run) => percentile(run[which], 0.5)),
    p99_ms: of((run) => percentile(run[which], 0.99)),
    most_ms: of((run) => Math.max(...run[which])),
    predictions: runs.reduce((sum, run) => sum + run[which].length, 0),
  });
  const addedMs = ({ idle, beside }: Run): number => percentile(beside, 0.99) - percentile(idle, 0.99);
  const added = { added_p99_ms: of(addedMs), of_each_run: runs.map((run) => rounded(addedMs(run), 1)) };
  const upload = {
    rows_per_second_alone: of(({ uploadAlone }) => uploadAlone.rowsPerSecond, 0),
    rows_per_second_beside: of(({ uploadBeside }) => uploadBeside.rowsPerSecond, 0),
    cpu_seconds_alone: of(({ uploadAlone }) => uploadAlone.cpuSeconds),
  };
  console.log(JSON.stringify({ rows, idle: latency("idle"), beside_upload: latency("beside"), ...added, upload }));
}
