// One text head of many labels, trained through the service on bare workerd: what the process makes resident beyond idle, phase by
// phase, and whether the version predicts and is exported.
import type { Client } from "../../../src/client/client.ts";
import type { NewJob } from "../../../src/contract/jobs.ts";
import { pause } from "../../support/pause.ts";
import { residentBytes, watchingPeak } from "./resident.ts";
import { newTenant, startServed } from "./served-heads.ts";

const [HEAD, POLL_MS] = ["topics", 50] as const;
/** Labels that are asked about once the head is trained. */
const ASKED = 100;

export interface LargeTextHead {
  readonly rows: number;
  readonly status: string;
  readonly uploadSeconds: number;
  readonly trainSeconds: number;
  /** Beyond the idle process: while the rows came in, and while the head was trained. null where there is no /proc. */
  readonly uploadPeakBytes: number | null;
  readonly peakBytes: number | null;
  /** The highest resident memory seen in each phase of the job, beyond idle. */
  readonly peakByPhase: Readonly<Record<string, number>>;
  readonly heapBytes: number;
  /** On rows held out; of the version. */
  readonly accuracy: number | null;
  /** Of texts that the head has not seen. */
  readonly predictedRight: number;
  readonly exportBytes: number;
}

/** Two words of the label's own, one that ten labels share, and one of no meaning. */
const textOf = (label: number, i: number): string =>
  `alpha${label}beta group${label % 100} gamma${label * 7}delta case ${(label * 31 + i * 17) % 997}`;

function csvOf(labels: number, texts: number): string {
  const lines = Array.from({ length: labels * texts }, (_, at) => {
    const label = Math.floor(at / texts);
    return `${textOf(label, at % texts)},topic-${label}`;
  });
  return `text,label\n${lines.join("\n")}`;
}

export async function measureLargeTextHead(labels: number, texts: number, job: NewJob): Promise<LargeTextHead> {
  const runtime = await startServed();
  try {
    const { client } = await newTenant(runtime.url, "large");
    const idle = residentBytes(runtime.pid);
    const beyondIdle = (bytes: number | null): number | null => (bytes === null || idle === null ? null : bytes - idle);
    await client.createHead({ id: HEAD, task: "classification", backbone: "text-embedded" });
    const uploaded = await timed(() => watchingPeak(runtime.pid, () => client.uploadCsv(HEAD, csvOf(labels, texts))));
    const peakByPhase: Record<string, number> = {};
    const look = (phase: string): void => {
      const bytes = beyondIdle(residentBytes(runtime.pid)) ?? 0;
      peakByPhase[phase] = Math.max(peakByPhase[phase] ?? 0, bytes);
    };
    const trained = await timed(() => watchingPeak(runtime.pid, () => trainHead(client, job, look)));
    const { version, status } = trained.result.result;
    const memory = (await (await fetch(`${runtime.url}/memory`)).json()) as { heap_bytes: number };
    return {
      rows: labels * texts,
      status,
      uploadSeconds: uploaded.seconds,
      trainSeconds: trained.seconds,
      uploadPeakBytes: beyondIdle(uploaded.result.peakBytes),
      peakBytes: beyondIdle(trained.result.peakBytes),
      peakByPhase,
      heapBytes: memory.heap_bytes,
      ...(await afterwards(client, version, labels, texts)),
    };
  } finally {
    await runtime.stop();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - started) / 1e3 };
}

async function trainHead(client: Client, asked: NewJob, look: (phase: string) => void) {
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

/** What the version is worth: its own figure, answers to new texts, and a file of it. */
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
