// Bundles that the command `compile` makes from the files of a model, read back from its folder.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bundle, pieceName } from "../../src/contract/bundle/bundle.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { loadBundle } from "../../src/graph/load.ts";
import { nodeKernels } from "./node-kernels.ts";

const command = new URL("../../src/cli/lastlayer.ts", import.meta.url).pathname;

export interface CompiledFiles {
  readonly bundle: Bundle;
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
}

/** `options`: of the command, beside its output and id. */
export function compileModel(model: string, options: readonly string[]): CompiledFiles {
  const folder = mkdtempSync(join(tmpdir(), "lastlayer-bundle-"), "utf8");
  try {
    const flags = ["compile", model, "--id", "made", "--out", folder, ...options];
    execFileSync(process.execPath, [command, ...flags], { stdio: "pipe" });
    const bundle = JSON.parse(readFileSync(join(folder, "bundle.json"), "utf8")) as Bundle;
    return {
      bundle,
      pieces: bundle.pieces.map((_, piece) => new Uint8Array(readFileSync(join(folder, pieceName(piece))))),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const now = (): number => Date.now();

export async function loadInNode({ bundle, pieces }: CompiledFiles): Promise<Graph> {
  const host = { kernels: await nodeKernels(), memory: new MemoryBudget(2 ** 30, now), now };
  return loadBundle(bundle, async (piece) => pieces[piece] as Uint8Array<ArrayBuffer>, host);
}
