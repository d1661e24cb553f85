// Three heads that train at once during two uploads, in one isolate of bare workerd: their reservations of the budget, the WASM
// heap, and the resident memory of the process.
import { ApiError, type Client } from "../../../src/client/client.ts";
import { pause } from "../../support/pause.ts";
import { watchingIsolate } from "./isolate.ts";
import { residentBytes, watchingPeak } from "./resident.ts";
import { newTenant, startServed } from "./served-heads.ts";

const [HEADS, UPLOADS, UPLOAD_ROWS, POLL_MS] = [3, 2, 2_000, 100] as const;

/** The figures that the bench's Worker reports. */
interface MemoryState {
  readonly in_use: number;
  readonly peak: number;
  readonly waiting: number;
  readonly capacity: number;
  readonly heap_bytes: number;
}

export interface SharedMemory {
  readonly budget: MemoryState;
  /** The peak of buffers and the WASM heap above the idle isolate, which the budget counts. */
  readonly bufferBytes: number;
  /** The same peak including V8's objects, which the platform limits. */
  readonly isolateBytes: number;
  /** The same peak of the process, which keeps freed memory. It is null without /proc. */
  readonly residentBytes: number | null;
  readonly jobs: readonly string[];
  /** Whether a job waited in the queue while another ran. */
  readonly sawQueued: boolean;
  readonly uploaded: number;
  /** 503 responses to uploads, which were then repeated. */
  readonly refused: number;
  readonly seconds: number;
}

const textOf = (head: string, label: number, i: number): string =>
  `${head} alpha${label}beta gamma${7 * label}delta ${i}`;

const csvOf = (head: string, labels: number, rows: number): string => {
  const lines = Array.from({ length: rows }, (_, i) => {
    const label = i % labels;
    return `${textOf(head, label, Math.floor(i / labels))},label-${label}`;
  });
  return `text,label\n${lines.join("\n")}`;
};

export async function measureSharedMemory(labels: number, perLabel: number, options: object): Promise<SharedMemory> {
  const runtime = await startServed(true);
  try {
    const { client } = await newTenant(runtime.url, "memory");
    const idle = residentBytes(runtime.pid);
    const heads = Array.from({ length: HEADS + UPLOADS }, (_, i) => `head-${i}`);
    for (const id of heads) await client.createHead({ id, task: "classification", backbone: "text-embedded" });
    const training = heads.slice(0, HEADS);
    for (const id of training) await client.uploadExamples(id, { csv: csvOf(id, labels, labels * perLabel) });
    const started = performance.now();
    const {
      result: watched,
      isolateBytes,
      bufferBytes,
    } = await watchingIsolate(runtime.inspectorPort as number, () =>
      watchingPeak(runtime.pid, () => trainAndUpload(client, training, heads.slice(HEADS), options)),
    );
    const budget = (await (await fetch(`${runtime.url}/memory`)).json()) as MemoryState;
    const { peakBytes, result } = watched;
    const beyondIdle = peakBytes === null || idle === null ? null : peakBytes - idle;
    return {
      ...result,
      budget,
      bufferBytes: bufferBytes + budget.heap_bytes,
      isolateBytes: isolateBytes + budget.heap_bytes,
      residentBytes: beyondIdle,
      seconds: (performance.now() - started) / 1e3,
    };
  } finally {
    await runtime.stop();
  }
}

async function trainAndUpload(
  client: Client,
  training: readonly string[],
  uploading: readonly string[],
  options: object,
) {
  const job = { recipe: "linear", options, promote: "always" } as const;
  const started = await Promise.all(training.map(async (head) => ({ head, ...(await client.startJob(head, job)) })));
  const uploads = uploading.map((head) => uploadUntilTaken(client, head));
  let sawQueued = false;
  for (;;) {
    const jobs = await Promise.all(started.map(({ head, id }) => client.getJob(head, id)));
    const statuses = jobs.map(({ status }) => status);
    sawQueued ||= statuses.includes("queued") && statuses.includes("running");
    if (statuses.every((status) => status !== "queued" && status !== "running")) {
      const done = await Promise.all(uploads);
      const sum = (of: "added" | "refused"): number => done.reduce((all, each) => all + each[of], 0);
      return { jobs: statuses, sawQueued, uploaded: sum("added"), refused: sum("refused") };
    }
    await pause(POLL_MS);
  }
}

async function uploadUntilTaken(client: Client, head: string): Promise<{ added: number; refused: number }> {
  for (let refused = 0; ; refused++) {
    try {
      return { added: (await client.uploadExamples(head, { csv: csvOf(head, 10, UPLOAD_ROWS) })).added, refused };
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "overloaded") throw error;
      await pause(1_000);
    }
  }
}

export const EXPECTED_UPLOADED = UPLOADS * UPLOAD_ROWS;
