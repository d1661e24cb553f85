// The service as a process of its own on this machine: started on a free port over a state folder, stopped or killed whole.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

export interface Service {
  readonly url: string;
  readonly adminKey: string;
  /** All its processes are in this group: `kill -- -<processGroup>` ends them. */
  readonly processGroup: number;
  /** Stops the runtime and everything it started, as a crash would: no goodbye, no flush. */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** A free one when absent. */
  readonly port?: number | undefined;
  /** Settings beside the admin key: see Bindings in src/env.ts. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Gives up, and leaves no process behind, when aborted before the service answers. */
  readonly signal?: AbortSignal;
}

const root = new URL("../../", import.meta.url).pathname;
const STARTUP_MS = 60_000;
const POLL_MS = 50;

/** Starts the service with its state in `stateFolder`; resolves once it answers. Run the build before. */
export async function startService(
  stateFolder: string,
  adminKey: string,
  options: StartOptions = {},
): Promise<Service> {
  const { port, signal, vars = {} } = options;
  const at = port ?? (await freePort());
  const flags = [
    "--local",
    "--ip",
    "127.0.0.1",
    "--port",
    String(at),
    "--persist-to",
    stateFolder,
    ...Object.entries({ ...vars, ADMIN_KEY: adminKey }).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
  const wrangler = `${root}node_modules/wrangler/bin/wrangler.js`;
  // Its output goes to a file: a pipe would break, and the service with it, when this process ends before it.
  const logFile = join(stateFolder, "service.log");
  mkdirSync(stateFolder, { recursive: true });
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [wrangler, "dev", ...flags], {
    cwd: root,
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.unref();
  const url = `http://127.0.0.1:${at}`;
  const kill = () => killGroup(child);
  try {
    await answering(url, child, signal);
  } catch (error) {
    await kill();
    throw new Error(`${(error as Error).message}\n${readFileSync(logFile, "utf8").slice(-4_000)}`);
  }
  return { url, adminKey, processGroup: child.pid ?? 0, kill };
}

/** A port that nobody listens on, for now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function answering(url: string, child: ChildProcess, signal?: AbortSignal): Promise<void> {
  const until = Date.now() + STARTUP_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`The service ended with code ${child.exitCode} before it answered`);
    signal?.throwIfAborted();
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`The service did not answer within ${STARTUP_MS / 1_000} s`);
}

/** The process leads a group: wrangler, its bundler and the runtime go together. */
function killGroup(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve();
    child.ref(); // or this process could end before it has seen the other do so
    child.once("exit", () => resolve());
    process.kill(-child.pid, "SIGKILL");
  });
}
