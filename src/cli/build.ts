// What must exist before the service is bundled: our WASM kernels, the files of the reference page, and zod without what the
// bundle does not need. Run by npm.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const root = new URL("../../", import.meta.url).pathname;
const kernels = `${root}.build/kernels/head.wasm`;
const reference = `${root}.build/assets/reference`;

function buildKernels(): void {
  const flags = [
    "--optimizeLevel",
    "2", // above, Binaryen gathers the additions to one accumulator: more values live at once than there are registers
    "--noAssert",
    "--runtime",
    "stub",
    "--enable",
    "simd",
    "--enable",
    "bulk-memory",
    "--importMemory",
    "--initialMemory",
    "1", // page: where it is known that there is one, an access at a small offset is checked by one comparison, not two
  ];
  const source = `${root}src/tensor/kernels/assembly/index.ts`;
  const compiler = `${root}node_modules/assemblyscript/bin/asc.js`;
  execFileSync(process.execPath, [compiler, source, ...flags, "-o", kernels], { stdio: "inherit" });
  refuseStaticData(readFileSync(kernels));
}

/** The module lives in tfjs's memory: static data of its own would overwrite tfjs's at the same addresses. */
function refuseStaticData(wasm: Buffer): void {
  const DATA_SECTION = 11;
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at++];
    let length = 0;
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = wasm[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
    }
    if (id === DATA_SECTION) throw new Error("head.wasm holds static data; keep tables and strings out of the kernels");
    at += length;
  }
}

function copyReferencePage(): void {
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE"]) {
    cpSync(`${root}node_modules/swagger-ui-dist/${file}`, `${reference}/${file}`);
  }
}

/** Static files are answered without the Worker: their headers stand here (Workers static assets, `_headers`). */
function writeAssetHeaders(): void {
  const fields = [
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
  ];
  writeFileSync(`${root}.build/assets/_headers`, `/*\n${fields.map((field) => `  ${field}\n`).join("")}`);
}

/**
 * zod's entry point, less its messages in fifty languages and ways to make schemas that nobody here goes: a fifth of the bundle,
 * which nobody can shake off, since @hono/zod-openapi passes the whole namespace on. wrangler.toml puts this in the place of "zod".
 */
function trimZod(): void {
  const folder = "../node_modules/zod/v4"; // from .build
  const lines = readFileSync(`${root}.build/${folder}/classic/external.js`, "utf8").split("\n");
  const kept = lines.filter((line) => !/^export (\* as (core|locales)|\{ (fromJSONSchema|deepPartial) \}) /.test(line));
  if (kept.length !== lines.length - 4) throw new Error("zod names its parts otherwise now: see trimZod");
  const parts = kept.join("\n").replaceAll(/from "\.(\.?)\//g, (_, up) => `from "${folder}/${up ? "" : "classic/"}`);
  writeFileSync(`${root}.build/zod-parts.js`, parts);
  const entry = [
    'import * as z from "./zod-parts.js";',
    'export * from "./zod-parts.js";',
    "export { z, z as default };",
  ];
  writeFileSync(`${root}.build/zod.js`, `${entry.join("\n")}\n`);
}

mkdirSync(`${root}.build/kernels`, { recursive: true });
mkdirSync(reference, { recursive: true });
buildKernels();
copyReferencePage();
writeAssetHeaders();
trimZod();
