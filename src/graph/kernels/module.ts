// The compiled kernels, as the Worker has them. Node compiles the file itself.
import graphModule from "../../../.build/kernels/graph.wasm";

export const kernelModule: WebAssembly.Module = graphModule;
