// Builds the files that the bundle needs: our WASM kernels, the files of the reference page, and copies of zod and of
// tfjs's backend without unused parts. npm runs it.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { openApiDocument } from "./reference/document.ts";

const root = new URL("../", import.meta.url).pathname;
const reference = `${root}.build/assets/reference`;

/** Compiles the kernels in `folder` to .build/kernels/<name>.wasm. */
function buildKernels(folder: string, name: string): Buffer {
  const kernels = `${root}.build/kernels/${name}.wasm`;
  const flags = [
    "--optimizeLevel",
    "2", // at higher levels Binaryen merges the additions into one accumulator: more live values than registers
    "--noAssert",
    "--runtime",
    "stub",
    "--enable",
    "simd",
    "--enable",
    "bulk-memory",
    "--importMemory",
    "--initialMemory",
    "1", // page: with a known minimum, the bounds check of a small offset needs one comparison instead of two
  ];
  const source = `${root}${folder}/index.ts`;
  const compiler = `${root}node_modules/assemblyscript/bin/asc.js`;
  execFileSync(process.execPath, [compiler, source, ...flags, "-o", kernels], { stdio: "inherit" });
  return readFileSync(kernels);
}

/** These modules get the memory of others: static data of its own would overwrite tfjs's data, or a bundle's weights. */
function refuseStaticData(wasm: Buffer, name: string): void {
  const DATA_SECTION = 11;
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at++];
    let length = 0;
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = wasm[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
    }
    if (id === DATA_SECTION)
      throw new Error(`${name}.wasm holds static data; keep tables and strings out of the kernels`);
    at += length;
  }
}

/** Bundles of the built-in backbones, for the assets binding. */
function copyBackbones(): void {
  const bundles = `${root}assets/backbones`;
  if (existsSync(bundles)) cpSync(bundles, `${root}.build/assets/backbones`, { recursive: true });
}

function makeReferencePage(): void {
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE"]) {
    cpSync(`${root}node_modules/swagger-ui-dist/${file}`, `${reference}/${file}`);
  }
  writeFileSync(`${reference}/openapi.json`, JSON.stringify(openApiDocument()));
}

/** Headers of static files, which the platform serves without the Worker (Workers static assets, `_headers`). */
function writeAssetHeaders(): void {
  const fields = [
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
  ];
  writeFileSync(`${root}.build/assets/_headers`, `/*\n${fields.map((field) => `  ${field}\n`).join("")}`);
}

/**
 * Writes an entry point of zod without its locales, its compiler and unused ways to make schemas: a fifth of the bundle. Tree shaking
 * cannot remove them, because @hono/zod-openapi re-exports the whole namespace. wrangler.toml replaces "zod" by this file.
 */
function trimZod(): void {
  const folder = "../node_modules/zod/v4"; // from .build
  const lines = readFileSync(`${root}.build/${folder}/classic/external.js`, "utf8").split("\n");
  const kept = lines.filter((line) => !/^export (\* as (core|locales)|\{ (fromJSONSchema|deepPartial) \}) /.test(line));
  if (kept.length !== lines.length - 4)
    throw new Error("zod's exports have changed: expected 4 lines to remove; see trimZod");
  const compiler = " compile, withParser, ZodCompileAsyncError, ZodCompileUnsupportedError,";
  const text = kept.join("\n");
  if (!text.includes(compiler)) throw new Error("zod's exports of its compiler have changed; see trimZod");
  const parts = text
    .replace(compiler, "")
    .replaceAll(/from "\.(\.?)\//g, (_, up) => `from "${folder}/${up ? "" : "classic/"}`);
  writeFileSync(`${root}.build/zod-parts.js`, parts);
  const entry = [
    'import * as z from "./zod-parts.js";',
    'export * from "./zod-parts.js";',
    "export { z, z as default };",
  ];
  writeFileSync(`${root}.build/zod.js`, `${entry.join("\n")}\n`);
}

/**
 * Writes a copy of tfjs's WASM backend without its build for threads. Only `init` uses that build, and boot.ts takes its place.
 * wrangler.toml replaces the backend by this file.
 */
function trimBackend(): void {
  const folder = "../node_modules/@tensorflow/tfjs-backend-wasm"; // from .build
  const text = readFileSync(`${root}.build/${folder}/dist/backend_wasm.js`, "utf8");
  const threaded = "../wasm-out/tfjs-backend-wasm-threaded-simd";
  const trimmed = text
    .replace(
      `import * as wasmFactoryThreadedSimd_import from '${threaded}.js';`,
      "const wasmFactoryThreadedSimd_import = {};",
    )
    .replace(`import { wasmWorkerContents } from '${threaded}.worker.js';`, 'const wasmWorkerContents = "";');
  if (trimmed.includes(`from '${threaded}`)) throw new Error("tfjs's imports have changed; see trimBackend");
  const moved = trimmed
    .replace("'./flags_wasm'", `'${folder}/dist/flags_wasm.js'`)
    .replace("'../wasm-out/", `'${folder}/wasm-out/`);
  writeFileSync(`${root}.build/backend_wasm.js`, moved);
}

mkdirSync(`${root}.build/kernels`, { recursive: true });
mkdirSync(reference, { recursive: true });
refuseStaticData(buildKernels("src/tensor/kernels/assembly", "head"), "head");
refuseStaticData(buildKernels("src/graph/kernels/assembly", "graph"), "graph");
refuseStaticData(buildKernels("src/backbones/sounds/assembly", "sounds"), "sounds");
buildKernels("src/backbones/images/assembly", "images"); // it has a memory of its own
makeReferencePage();
copyBackbones();
writeAssetHeaders();
trimZod();
trimBackend();
