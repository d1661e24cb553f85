// Load from a process of its own: keep-alive connections that ask again as soon as they are answered (autocannon).
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
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were no 2xx, and requests that got none. */
  readonly failures: number;
}

export async function runLoad({ body, ...load }: Load): Promise<Measured> {
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ ...load, base64: Buffer.from(body).toString("base64") }));
  return JSON.parse(await text(child.stdout)) as Measured;
}
