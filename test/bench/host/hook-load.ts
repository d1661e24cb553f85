// Webhooks to a source from a process of its own: signed deliveries, each with an id and an input that no other has.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

const script = new URL("hook-load-process.ts", import.meta.url).pathname;

export interface HookLoad {
  readonly url: string;
  /** Where the source takes deliveries. */
  readonly path: string;
  readonly secret: string;
  /** What the mapping finds at /input: a text, or a vector of so many numbers. */
  readonly input: { readonly kind: "text" } | { readonly kind: "features"; readonly dims: number };
  readonly connections: number;
  readonly deliveries: number;
  /** Sets inputs apart from those of other loads. */
  readonly seed: number;
}

export interface Delivered {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Deliveries that were not answered 2xx. */
  readonly failures: number;
}

export async function runHookLoad(load: HookLoad): Promise<Delivered> {
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(load));
  return JSON.parse(await text(child.stdout)) as Delivered;
}
