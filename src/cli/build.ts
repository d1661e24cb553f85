// What must exist before the service is bundled: our WASM kernels, and the files of the reference page. Run by npm.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url).pathname;
const kernels = `${root}.build/kernels/head.wasm`;
const reference = `${root}.build/assets/reference`;

function buildKernels(): void {
  const flags = [
    "-O3",
    "--noAssert",
    "--runtime",
    "stub",
    "--enable",
    "simd",
    "--enable",
    "bulk-memory",
    "--importMemory",
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

mkdirSync(`${root}.build/kernels`, { recursive: true });
mkdirSync(reference, { recursive: true });
buildKernels();
copyReferencePage();
