// What every kernel of ours needs of tfjs: addresses of tensors in the memory that both modules share, scratch, and outputs.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";

/** Classes in a slab: two SIMD registers of four floats. */
export const SLAB = 8;

export const slabsOf = (outputs: number): number => Math.ceil(outputs / SLAB);

export interface Call<Inputs extends string, Attrs> {
  inputs: Record<Inputs, TensorInfo>;
  backend: BackendWasm;
  attrs: Attrs;
}

/** As the kernels number them. */
export const ROW_FORMS = { single: 0, integers: 1, sparse: 2 } as const;
export type RowForm = (typeof ROW_FORMS)[keyof typeof ROW_FORMS];

/** Rows of features as a kernel is told of them. */
export interface RowsAttrs {
  readonly rows: number;
  /** How x holds them: float32, integers of 16 bits, or entries where numbers are not zero. */
  readonly form: RowForm;
  /** Floats between two rows of float32, widened ones too. */
  readonly stride: number;
}

/** A loss over rows as a kernel is told of it. */
export type LossAttrs = RowsAttrs & {
  readonly loss: number;
  readonly outputs: number;
  /** Bytes of one row of targets. */
  readonly targetBytes: number;
};

export const addressIn =
  (backend: BackendWasm) =>
  (tensor: TensorInfo | undefined): number =>
    tensor ? backend.getMemoryOffset(tensor.dataId) : 0;

/** Runs `work` with the address of `floats` numbers that are free again after. */
export function withScratch<T>(backend: BackendWasm, floats: number, work: (address: number) => T): T {
  const scratch = backend.makeOutput([floats], "float32");
  try {
    return work(backend.getMemoryOffset(scratch.dataId));
  } finally {
    backend.disposeData(scratch.dataId);
  }
}

/** What rows taken together are widened into. */
export interface RowFunctions {
  /** Rows taken together: the scratch they need. */
  readonly ROWS_AT_A_TIME: WebAssembly.Global;
}

/** Rows as float32, or pairs of as many numbers. */
export const widenedFloats = ({ ROWS_AT_A_TIME }: RowFunctions, { form, stride }: RowsAttrs): number =>
  form * (ROWS_AT_A_TIME.value as number) * stride + 1;

/** The same, after the outputs of as many rows. */
export const rowsScratch = (functions: RowFunctions, attrs: RowsAttrs, slabs: number): number =>
  (functions.ROWS_AT_A_TIME.value as number) * slabs * SLAB + widenedFloats(functions, attrs);

/** int32 from one row of integers to the next: a header of four, and two integers in each. dims: padded. */
export const integerRowLength = (dims: number): number => 4 + dims / 2;

export const paddedRows = (rows: number): number => (rows + 3) & ~3;

export const zeros = (backend: BackendWasm, shape: number[]): TensorInfo => filled(backend, shape, undefined);

/** An output that begins as `values`, or as zeros. */
export function filled(backend: BackendWasm, shape: number[], values: Float32Array | undefined): TensorInfo {
  const output = backend.makeOutput(shape, "float32");
  const numbers = backend.typedArrayFromHeap(output);
  if (values) numbers.set(values);
  else numbers.fill(0);
  return output;
}

/** An output that begins as a copy of an input: kernels change nothing that they are given. */
export function copyOf(backend: BackendWasm, tensor: TensorInfo): TensorInfo {
  const output = backend.makeOutput(tensor.shape, "float32");
  backend.typedArrayFromHeap(output).set(backend.typedArrayFromHeap(tensor));
  return output;
}

/** Tensors have no float64: the high part and what it leaves out keep 48 bits of the loss. */
export function twoFloats(backend: BackendWasm, value: number): TensorInfo {
  const high = Math.fround(value);
  return backend.makeOutput([2], "float32", undefined, new Float32Array([high, value - high]));
}
