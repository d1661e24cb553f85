// Runs the service as a separate process on this machine: on a free port, with a state folder; stops or kills the whole process
// group.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

export interface Service {
  readonly url: string;
  readonly adminKey: string;
  /** The group of all its processes: `kill -- -<processGroup>` ends them. */
  readonly processGroup: number;
  /** Kills the runtime and everything it started, like a crash: no shutdown, no flush. */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** Absent: a free port. */
  readonly port?: number | undefined;
  /** Settings in addition to the admin key: see Bindings in src/env.ts. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Aborting before the service answers stops it and leaves no process behind. */
  readonly signal?: AbortSignal;
}

const root = new URL("../../", import.meta.url).pathname;
const STARTUP_MS = 60_000;
const POLL_MS = 50;

/** Starts the service with its state in `stateFolder`. Resolves once it answers. Requires a build. */
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
    // Any free port. By default two services that start at the same time can choose the same one, and one of them ends.
    "--inspector-port",
    "0",
    ...Object.entries({ ...vars, ADMIN_KEY: adminKey }).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
  const wrangler = `${root}node_modules/wrangler/bin/wrangler.js`;
  // The output goes to a file: a pipe would break, and stop the service, if this process ends first.
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

/** The process leads its group: wrangler, its bundler and the runtime end together. */
function killGroup(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve();
    child.ref(); // otherwise this process could end before the other one
    child.once("exit", () => resolve());
    process.kill(-child.pid, "SIGKILL");
  });
}
