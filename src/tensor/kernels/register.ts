// Registers the kernels of assembly/ with tfjs for its `wasm` backend, like any kernel of its own: pure functions from
// tensors to tensors. Layouts: x [rows up to a multiple of 4][stride], weights [slabs][dims][8], bias [slabs · 8].
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type KernelFunc, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";

/** Classes in a slab: two SIMD registers of four floats. */
export const SLAB = 8;

/** What .build/kernels/head.wasm exports: addresses and extents in, the loss out. */
export interface HeadFunctions {
  /** Rows taken through logits, softmax and gradient together: the scratch they need. */
  readonly ROWS_AT_A_TIME: WebAssembly.Global;
  linearLogits(
    ...args: [
      x: number,
      w: number,
      bias: number,
      logits: number,
      rows: number,
      dims: number,
      stride: number,
      slabs: number,
    ]
  ): void;
  crossEntropyGradient(
    ...args: [
      ...[x: number, labels: number, w: number, bias: number, gradient: number, biasGradient: number, scratch: number],
      ...[rows: number, dims: number, stride: number, classes: number, slabs: number],
    ]
  ): number;
}

export const LINEAR_LOGITS = "LinearLogits";
export const CROSS_ENTROPY_GRADIENT = "CrossEntropyGradient";

export function registerHeadKernels(functions: HeadFunctions): void {
  const register = (kernelName: string, kernelFunc: unknown): void =>
    registerKernel({ kernelName, backendName: "wasm", kernelFunc: kernelFunc as KernelFunc });
  register(LINEAR_LOGITS, linearLogits(functions));
  register(CROSS_ENTROPY_GRADIENT, crossEntropyGradient(functions));
}

interface Call<Inputs extends string, Attrs> {
  inputs: Record<Inputs, TensorInfo>;
  backend: BackendWasm;
  attrs: Attrs;
}

const addressIn =
  (backend: BackendWasm) =>
  (tensor: TensorInfo): number =>
    backend.getMemoryOffset(tensor.dataId);

/** {x, weights, bias} → logits [rows][slabs · 8]. */
function linearLogits(functions: HeadFunctions) {
  return ({ inputs: { x, weights, bias }, backend }: Call<"x" | "weights" | "bias", unknown>): TensorInfo => {
    const [rows, stride] = x.shape as [number, number];
    const [slabs, dims] = weights.shape as [number, number];
    const logits = backend.makeOutput([rows, slabs * SLAB], "float32");
    const at = addressIn(backend);
    functions.linearLogits(at(x), at(weights), at(bias), at(logits), rows, dims, stride, slabs);
    return logits;
  };
}

/** {x, labels, weights, bias} → [Σ gradient, Σ bias gradient, Σ cross-entropy as two float32 parts, high and low]. */
function crossEntropyGradient(functions: HeadFunctions) {
  return (call: Call<"x" | "labels" | "weights" | "bias", { rows: number; classes: number }>): TensorInfo[] => {
    const { x, labels, weights, bias } = call.inputs;
    const { rows, classes } = call.attrs;
    const stride = x.shape[1] as number;
    const [slabs, dims] = weights.shape as [number, number];
    const gradient = zeros(call.backend, weights.shape);
    const biasGradient = zeros(call.backend, bias.shape);
    const scratch = call.backend.makeOutput([functions.ROWS_AT_A_TIME.value as number, slabs * SLAB], "float32");
    const at = addressIn(call.backend);
    const loss = functions.crossEntropyGradient(
      ...([at(x), at(labels), at(weights), at(bias), at(gradient), at(biasGradient), at(scratch)] as const),
      ...([rows, dims, stride, classes, slabs] as const),
    );
    call.backend.disposeData(scratch.dataId);
    return [gradient, biasGradient, twoFloats(call.backend, loss)];
  };
}

function zeros(backend: BackendWasm, shape: number[]): TensorInfo {
  const output = backend.makeOutput(shape, "float32");
  backend.typedArrayFromHeap(output).fill(0);
  return output;
}

/** Tensors have no float64: the high part and what it leaves out keep 48 bits of the loss. */
function twoFloats(backend: BackendWasm, value: number): TensorInfo {
  const high = Math.fround(value);
  return backend.makeOutput([2], "float32", undefined, new Float32Array([high, value - high]));
}
