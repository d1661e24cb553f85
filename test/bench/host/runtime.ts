// A workerd process with a bundled Worker: started on a free port with empty storage, requested over HTTP, stopped by its pid.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { freePort } from "../../../src/cli/service.ts";
import { BENCH_WORKER, type Bundle, bundleWorker } from "./bundle.ts";

export interface Runtime {
  readonly pid: number;
  readonly url: string;
  /** Address of its inspector, if enabled. */
  readonly inspectorPort: number | null;
  /** Starts a new process on the same storage, without the memory of this one. */
  restart(): Promise<Runtime>;
  /** The JSON response; rejects with the object's error. */
  send(method: "POST" | "PUT", path: string, body: Uint8Array | string): Promise<unknown>;
  stop(): Promise<void>;
}

export function startRuntime(bundle: Bundle = BENCH_WORKER, isInspected = false): Promise<Runtime> {
  const folder = mkdtempSync(join(tmpdir(), "lastlayer-bench-"));
  return serve(folder, bundleWorker(folder, bundle), isInspected);
}

async function serve(folder: string, config: string, isInspected: boolean): Promise<Runtime> {
  const inspectorPort = isInspected ? await freePort() : null;
  const flags = ["--control-fd=3", ...(isInspected ? [`--inspector-addr=127.0.0.1:${inspectorPort}`] : [])];
  const workerd = spawn(workerdPath(), ["serve", config, ...flags], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const stop = async () => {
    await ended(workerd);
    rmSync(folder, { recursive: true, force: true });
  };
  const restart = async () => {
    await ended(workerd);
    return serve(folder, config, isInspected);
  };
  try {
    const port = await listening(workerd);
    return {
      pid: workerd.pid ?? 0,
      url: `http://127.0.0.1:${port}`,
      inspectorPort,
      restart,
      stop,
      send: (method, path, body) => send(port, method, path, body),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The workerd of wrangler in node_modules, which also serves `npm start`. */
function workerdPath(): string {
  const fromHere = createRequire(import.meta.url);
  return (createRequire(fromHere.resolve("wrangler"))("workerd") as { default: string }).default;
}

/** workerd chooses the port and reports it on its control descriptor, so that two benches cannot race for one. */
async function listening(workerd: ChildProcess): Promise<number> {
  const control = workerd.stdio[3] as NodeJS.ReadableStream;
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line) as { event: string; port?: number };
    if (event === "listen" && port) return port;
  }
  throw new Error(`workerd ended with code ${workerd.exitCode} before it listened`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Not `fetch`, which gives up on a response that takes five minutes, as a training may. */
function send(port: number, method: string, path: string, body: Uint8Array | string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // A new connection: workerd closes one that was idle for 5 s, which is not noticed here while peers compute.
    const sending = request({ host: "127.0.0.1", port, method, path, agent: false }, (response) => {
      text(response)
        .then((answer) => resolve(answerIn(answer)))
        .catch(reject);
    });
    sending.once("error", reject).end(body);
  });
}

function answerIn(answer: string): unknown {
  const parsed = JSON.parse(answer) as { error?: string };
  if (parsed.error !== undefined) throw new Error(parsed.error);
  return parsed;
}
