// Starts the service for every suite of blocks: one tenant, and a measurement of how long the service blocks others.
import { expect } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { newTenant, startServed } from "../bench/host/served-heads.ts";
import { BlockWatch, type Sent } from "./block-watch.ts";

export interface BlockService {
  readonly url: string;
  readonly client: Client;
  readonly key: string;
  readonly watch: BlockWatch;
  /** Sends a request of the tenant. Any response except a failure of the service is accepted. */
  send(path: string, sent?: Sent): Promise<void>;
  /** Prints the longest blocks and ends the service. */
  stop(): Promise<void>;
}

export const TENANT = "long";

export async function startBlockService(): Promise<BlockService> {
  const runtime = await startServed();
  const watch = new BlockWatch(runtime);
  const { client, key } = await newTenant(runtime.url, TENANT);
  const send = async (path: string, sent: Sent = {}): Promise<void> =>
    expect(await watch.send(path, { key, ...sent })).toBeLessThan(500);
  const stop = (): Promise<void> => {
    console.log(watch.table);
    return runtime.stop();
  };
  return { url: runtime.url, client, key, watch, send, stop };
}

export const listOf = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

export const json = (value: unknown, method = "POST"): Sent => ({
  method,
  type: "application/json",
  body: JSON.stringify(value),
});
