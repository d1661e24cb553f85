// torch on the same feature set, in a process that waits for its turn: see ../torch_gradient.py.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./bundle.ts";
import { PYTHON } from "./python.ts";

/** The result of each side of bench:gradient. */
export interface GradientRun {
  readonly ms: readonly number[];
  /** Mean cross-entropy and the length of its gradient, to check that all sides computed the same. */
  readonly loss: number;
  readonly norm: number;
}

export interface Torch {
  run(repetitions: number): Promise<GradientRun>;
  stop(): Promise<void>;
}

/** null, with a message, if Python or torch is missing. */
export async function startTorch(folder: string): Promise<Torch | null> {
  const python = spawn(PYTHON, [join(root, "test/bench/torch_gradient.py"), folder], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const missing = once(python, "error").then(([error]) => String(error));
  const lastWords = linesOf(python.stderr);
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const ready = await Promise.race([answers.next(), missing]);
  if (typeof ready === "string" || ready.done) {
    console.error(`torch is skipped: ${typeof ready === "string" ? ready : (await lastWords).at(-1)}`);
    return null;
  }
  return {
    async run(repetitions) {
      python.stdin.write(`${JSON.stringify({ repetitions })}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error(`torch ended: ${(await lastWords).at(-1)}`);
      return JSON.parse(answer.value) as GradientRun;
    },
    async stop() {
      python.stdin.end();
      if (python.exitCode === null && python.signalCode === null) await once(python, "exit");
    },
  };
}

async function linesOf(stream: NodeJS.ReadableStream): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream })) lines.push(line);
  return lines;
}
