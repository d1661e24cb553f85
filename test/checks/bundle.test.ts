// The deployed bundle: its size, and what it must not contain. Built like a deployment, without deploying.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { root } from "./source.ts";

/** Limit of the compressed bytes of everything that is uploaded: a cold start reads and parses all of them. */
const MOST_GZIP_BYTES = 500_000;

const folder = mkdtempSync(join(tmpdir(), "lastlayer-bundle-"), "utf8");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("the bundle stays small, and contains neither WebGL nor the CPU backend nor the compiler of models", () => {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const flags = ["deploy", "--dry-run", "--minify", "--outdir", folder];
  execFileSync(process.execPath, [wrangler, ...flags], { cwd: root, stdio: "pipe" });
  const files = readdirSync(folder).filter((name) => name.endsWith(".js") || name.endsWith(".wasm"));
  const bytes = files.map((name) => readFileSync(join(folder, name)));
  const size = bytes.reduce((sum, file) => sum + gzipSync(file).byteLength, 0);
  console.log(`bundle: ${size} bytes gzip in ${files.join(", ")}`);
  const code = readFileSync(join(folder, "worker.js"), "utf8");
  expect(code.length).toBeGreaterThan(100_000);
  expect(code).not.toMatch(/getContext\(["']webgl|MathBackendCPU/);
  expect(code).not.toContain("not a protobuf message");
  expect(size).toBeLessThan(MOST_GZIP_BYTES);
});
