// Shared by journeys: the real service as a process, and plain calls to it over HTTP.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Service, startService } from "../../src/cli/service.ts";
import { type Client, createClient } from "../../src/client/client.ts";
import { pause } from "../support/pause.ts";
import { DATASETS, PEERS, present } from "../support/shared-folder.ts";
import { until } from "../support/until.ts";

export { DATASETS, PEERS, pause, present, until };

export const ADMIN_KEY = "admin-key-of-the-journeys";

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "lastlayer-journey-"), "utf8");
export const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true });
export const start = (state: string, port?: number, vars: Record<string, string> = {}): Promise<Service> =>
  startService(state, ADMIN_KEY, { port, vars });

/** A Python interpreter with scikit-learn. It is null if there is none. */
export function pythonWithSklearn(): string | null {
  for (const python of ["/usr/bin/python3", "python3"]) {
    try {
      execFileSync(python, ["-c", "import sklearn"], { stdio: "ignore" });
      return python;
    } catch {}
  }
  console.log("skipped: no Python with scikit-learn");
  return null;
}

/** A client of a new tenant. */
export async function newTenant(service: Service, id: string): Promise<{ client: Client; key: string }> {
  const { key } = await createClient(service.url, ADMIN_KEY).createTenant(id);
  return { client: createClient(service.url, key), key };
}

/** Waits for a job to end, over restarts of the service, and returns its version. */
export async function versionOf(client: Client, head: string, job: string): Promise<number> {
  for (;;) {
    const { status, version, error } = await client.getJob(head, job);
    if (status === "succeeded" && version !== null) return version;
    if (status === "failed" || status === "cancelled")
      throw new Error(`The job ended: ${status} ${JSON.stringify(error)}`);
    await pause(100);
  }
}

/** A seeded generator of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
