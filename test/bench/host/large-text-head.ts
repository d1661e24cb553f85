// One text head with many labels, trained through the service on bare workerd: resident memory above idle, by phase, and
// whether the version predicts and can be exported.
import { type Client, createClient } from "../../../src/client/client.ts";
import type { NewJob } from "../../../src/contract/jobs.ts";
import { pause } from "../../support/pause.ts";
import { watchingIsolate } from "./isolate.ts";
import { residentBytes, watchingPeak } from "./resident.ts";
import type { Runtime } from "./runtime.ts";
import { newTenant, startServed } from "./served-heads.ts";

const [HEAD, POLL_MS] = ["topics", 50] as const;
/** Labels that are predicted once the head is trained. */
const ASKED = 100;

export interface LargeTextHead {
  readonly rows: number;
  readonly status: string;
  readonly uploadSeconds: number;
  readonly trainSeconds: number;
  /** Memory above the idle process during the upload and during the training. It is null without /proc. */
  readonly uploadPeakBytes: number | null;
  readonly peakBytes: number | null;
  /** The peak of buffers and the WASM heap above the idle isolate during the training, without and with V8's objects. */
  readonly bufferBytes: number;
  readonly isolateBytes: number;
  /** The highest resident memory in each phase of the job, above idle. */
  readonly peakByPhase: Readonly<Record<string, number>>;
  readonly heapBytes: number;
  /** Accuracy on held-out rows, from the version. */
  readonly accuracy: number | null;
  /** Accuracy on texts that the head has not seen. */
  readonly predictedRight: number;
  readonly exportBytes: number;
}

/** A text of two words that only the label has, one that ten labels share, and one without meaning. */
const textOf = (label: number, i: number): string =>
  `alpha${label}beta group${label % 100} gamma${label * 7}delta case ${(label * 31 + i * 17) % 997}`;

function csvOf(labels: number, texts: number): string {
  const lines = Array.from({ length: labels * texts }, (_, at) => {
    const label = Math.floor(at / texts);
    return `${textOf(label, at % texts)},topic-${label}`;
  });
  return `text,label\n${lines.join("\n")}`;
}

/** With `isFresh`, a new process on the same storage trains, without memory of the upload, and its idle memory is subtracted. */
export async function measureLargeTextHead(
  labels: number,
  texts: number,
  job: NewJob,
  isFresh: boolean,
): Promise<LargeTextHead> {
  let runtime = await startServed(true);
  try {
    const { key } = await newTenant(runtime.url, "large");
    const uploaded = await uploadRows(runtime, createClient(runtime.url, key), csvOf(labels, texts));
    if (isFresh) runtime = await runtime.restart();
    const client = createClient(runtime.url, key);
    await client.getHead(HEAD);
    const idle = isFresh ? residentBytes(runtime.pid) : uploaded.idle;
    const trained = await trainWatched(runtime, client, job, idle);
    const memory = (await (await fetch(`${runtime.url}/memory`)).json()) as { heap_bytes: number };
    return {
      rows: labels * texts,
      status: trained.status,
      uploadSeconds: uploaded.seconds,
      trainSeconds: trained.seconds,
      uploadPeakBytes: uploaded.peakBytes,
      peakBytes: trained.peakBytes,
      bufferBytes: trained.bufferBytes + memory.heap_bytes,
      isolateBytes: trained.isolateBytes + memory.heap_bytes,
      peakByPhase: trained.peakByPhase,
      heapBytes: memory.heap_bytes,
      ...(await afterwards(client, trained.version, labels, texts)),
    };
  } finally {
    await runtime.stop();
  }
}

const beyond = (bytes: number | null, idle: number | null): number | null =>
  bytes === null || idle === null ? null : bytes - idle;

async function uploadRows({ pid }: Runtime, client: Client, csv: string) {
  const idle = residentBytes(pid);
  await client.createHead({ id: HEAD, task: "classification", backbone: "text-embedded" });
  const { result, seconds } = await timed(() => watchingPeak(pid, () => client.uploadExamples(HEAD, { csv })));
  return { idle, seconds, peakBytes: beyond(result.peakBytes, idle) };
}

async function trainWatched({ pid, inspectorPort }: Runtime, client: Client, job: NewJob, idle: number | null) {
  const peakByPhase: Record<string, number> = {};
  const look = (phase: string): void => {
    const bytes = beyond(residentBytes(pid), idle) ?? 0;
    peakByPhase[phase] = Math.max(peakByPhase[phase] ?? 0, bytes);
  };
  const watched = (): ReturnType<typeof watchingPeak<Trained>> => watchingPeak(pid, () => trainHead(client, job, look));
  const { result, seconds } = await timed(() => watchingIsolate(inspectorPort as number, watched));
  const { isolateBytes, bufferBytes } = result;
  const { peakBytes, result: trained } = result.result;
  return { ...trained, seconds, isolateBytes, bufferBytes, peakBytes: beyond(peakBytes, idle), peakByPhase };
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - started) / 1e3 };
}

interface Trained {
  readonly version: number | null;
  readonly status: string;
}

async function trainHead(client: Client, asked: NewJob, look: (phase: string) => void): Promise<Trained> {
  const { id } = await client.startJob(HEAD, asked);
  for (;;) {
    const job = await client.getJob(HEAD, id);
    look(job.phase);
    if (job.status !== "queued" && job.status !== "running") return { version: job.version, status: statusOf(job) };
    await pause(POLL_MS);
  }
}

const statusOf = ({ status, error }: { status: string; error: { detail?: string | undefined } | null }): string =>
  error ? `${status}: ${error.detail}` : status;

/** The quality of the version: its own metric, its answers to new texts, and its file. */
async function afterwards(client: Client, version: number | null, labels: number, texts: number) {
  if (version === null) return { accuracy: null, predictedRight: 0, exportBytes: 0 };
  const { metrics } = await client.getVersion(HEAD, version);
  const asked = Array.from({ length: ASKED }, (_, i) => Math.floor((i * labels) / ASKED));
  const inputs = asked.map((label) => ({ text: textOf(label, texts) }));
  const { predictions } = await client.predict(HEAD, inputs, { top: 1 });
  const right = predictions.filter((answer, i) => "label" in answer && answer.label === `topic-${asked[i]}`).length;
  const { byteLength } = await client.exportVersion(HEAD, version, "safetensors");
  const { validation } = metrics;
  const accuracy = validation && "accuracy" in validation ? validation.accuracy : null;
  return { accuracy, predictedRight: right / ASKED, exportBytes: byteLength };
}
