// Load from a separate process: keep-alive connections that send the next request as soon as the last one is answered
// (autocannon).
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

const script = new URL("load-process.ts", import.meta.url).pathname;

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second over all connections; absent: as many as are answered. */
  readonly rate?: number;
}

export interface Measured {
  readonly perSecond: number;
  /** By turn; the result is the median of the turns. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Responses that are not 2xx, and requests without a response. */
  readonly failures: number;
}

export async function runLoad(load: Load): Promise<Measured> {
  const [measured] = await runLoads([load], 1);
  return measured as Measured;
}

/**
 * Several loads that take turns, so that a slow moment of the machine affects all of them: each gets its seconds in this many
 * turns.
 */
export async function runLoads(loads: readonly Load[], turns: number): Promise<Measured[]> {
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const asked = loads.map(({ body, seconds, ...load }) => ({
    ...load,
    seconds: seconds / turns,
    base64: Buffer.from(body).toString("base64"),
  }));
  child.stdin.end(JSON.stringify({ loads: asked, turns }));
  return JSON.parse(await text(child.stdout)) as Measured[];
}
