// Modules that wrangler and Vitest provide compiled, by the CompiledWasm rule of wrangler.toml.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "@tensorflow/tfjs-backend-wasm/dist/flags_wasm.js";
declare module "@tensorflow/tfjs-backend-wasm/dist/backend_wasm.js" {
  export { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
}

/** The members of Emscripten's module that tfjs's own types lack. */
interface EmscriptenModule {
  cwrap(name: string, returns: "number" | null, takes: readonly string[]): (...args: number[]) => never;
}
