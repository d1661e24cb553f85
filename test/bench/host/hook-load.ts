// Webhooks to a source from a separate process: signed deliveries, each with a unique id and input.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

const script = new URL("hook-load-process.ts", import.meta.url).pathname;

export interface HookLoad {
  readonly url: string;
  /** The address of the source. */
  readonly path: string;
  readonly secret: string;
  /** The value at /input for the mapping: a text, or a vector of this many numbers. */
  readonly input: { readonly kind: "text" } | { readonly kind: "features"; readonly dims: number };
  readonly connections: number;
  readonly deliveries: number;
  /** Distinguishes inputs from those of other loads. */
  readonly seed: number;
}

export interface Delivered {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Deliveries without a 2xx response. */
  readonly failures: number;
}

export async function runHookLoad(load: HookLoad): Promise<Delivered> {
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(load));
  return JSON.parse(await text(child.stdout)) as Delivered;
}
