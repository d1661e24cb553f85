// Boots TensorFlow.js's WASM SIMD backend, once per isolate. No other file knows how tfjs's Emscripten glue meets the Workers
// runtime. Workers refuse to compile bytes, so modules are imported compiled and `setWasmPaths` cannot be used.
import "@tensorflow/tfjs-backend-wasm/dist/flags_wasm.js";
import { BackendWasm } from "@tensorflow/tfjs-backend-wasm/dist/backend_wasm.js";
import simdModule from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
import moduleFactory, { type BackendWasmModule } from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js";
import { getBackend, registerBackend, setBackend } from "@tensorflow/tfjs-core";
import headModule from "../../.build/kernels/head.wasm";
import type { HeadFunctions } from "./kernels/head-functions.ts";
import { registerHeadKernels } from "./kernels/register.ts";

/** A module with an 8-byte header and one function that uses v128: valid only where the runtime has SIMD. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11,
]);

let booting: Promise<void> | undefined;
let wasmMemory: WebAssembly.Memory | undefined;

/** Makes the backend ready. Every call rejects where SIMD is missing: there is no silent slow path. */
export function bootTensor(): Promise<void> {
  booting ??= boot();
  return booting;
}

/** Bytes of the WASM heap, which never shrinks; 0 before boot. */
export const heapBytes = (): number => wasmMemory?.buffer.byteLength ?? 0;

export const backendName = (): string => getBackend();

/** Whether this runtime has WASM SIMD: asks it to validate a function that uses SIMD. */
export const hasSimd = (): boolean => WebAssembly.validate(SIMD_PROBE);

async function boot(): Promise<void> {
  if (!hasSimd()) throw new Error("WASM SIMD is missing in this runtime; lastlayer does not run without it");
  let tfjs: WebAssembly.Instance | undefined;
  const module = await moduleFactory({
    // The glue calls this instead of fetching and compiling. It reads the argument of `receive` at once.
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) {
      tfjs = new WebAssembly.Instance(simdModule, imports);
      receive(tfjs);
      return tfjs.exports;
    },
  });
  module.tfjs = tfjsTable(module);
  registerBackend("wasm", () => new BackendWasm(module));
  if (!(await setBackend("wasm"))) throw new Error("The tfjs WASM backend refused to start");
  registerHeadKernels(instantiateHeadModule(tfjs));
}

/** The table that tfjs's own `init` builds after loading. Building it here skips its fetches and thread probes. */
function tfjsTable(module: BackendWasmModule): BackendWasmModule["tfjs"] {
  return {
    init: module.cwrap("init", null, []),
    initWithThreadsCount: module.cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: module.cwrap("get_threads_count", "number", []),
    registerTensor: module.cwrap("register_tensor", null, ["number", "number", "number"]),
    disposeData: module.cwrap("dispose_data", null, ["number"]),
    dispose: module.cwrap("dispose", null, []),
  };
}

/** Our kernels share the memory that tfjs's module exports, so they read and write tfjs tensors in place. */
function instantiateHeadModule(tfjs: WebAssembly.Instance | undefined): HeadFunctions {
  const memory = tfjs?.exports.memory;
  if (!(memory instanceof WebAssembly.Memory))
    throw new Error("tfjs's WASM module exports no memory: its build changed");
  wasmMemory = memory;
  return new WebAssembly.Instance(headModule, { env: { memory } }).exports as unknown as HeadFunctions;
}
