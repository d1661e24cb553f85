// The kernels of the graph runtime in Node, which compiles them. In workerd, src/graph/kernels/module.ts has them compiled.
import { readFileSync } from "node:fs";

/** The types are those of Workers, which cannot compile. */
interface Compiler {
  compile(bytes: Uint8Array): Promise<WebAssembly.Module>;
}

const file = new URL("../../.build/kernels/graph.wasm", import.meta.url).pathname;

export const nodeKernels = (): Promise<WebAssembly.Module> =>
  (WebAssembly as unknown as Compiler).compile(readFileSync(file));
