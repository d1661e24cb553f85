// tfjs's own WASM kernels, the few that are used: naming them one by one keeps the other hundred out of the bundle.
import { batchMatMulConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/BatchMatMul.js";
import { registerKernel } from "@tensorflow/tfjs-core";

export function registerTfjsKernels(): void {
  registerKernel(batchMatMulConfig);
}
