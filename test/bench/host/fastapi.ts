// FastAPI and scikit-learn as a separate process on a free port, trained on the given rows.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../src/cli/service.ts";
import { root } from "./bundle.ts";
import { PYTHON } from "./python.ts";

export interface FastApi {
  readonly url: string;
  stop(): Promise<void>;
}

const STARTUP_MS = 60_000;

export async function startFastApi(rows: readonly object[]): Promise<FastApi> {
  const folder = mkdtempSync(join(tmpdir(), "lastlayer-fastapi-"));
  const file = join(folder, "rows.json");
  writeFileSync(file, JSON.stringify(rows));
  const port = await freePort();
  const child = spawn(PYTHON, [join(root, "test/bench/fastapi_serve.py"), file, String(port)], { stdio: "inherit" });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + STARTUP_MS;
  while (!(await fetch(`${url}/healthz`).catch(() => null))?.ok) {
    if (child.exitCode === null && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
    else {
      await stop();
      throw new Error("FastAPI did not start: it needs Debian's python3-fastapi, uvicorn and python3-sklearn");
    }
  }
  return { url, stop };
}
