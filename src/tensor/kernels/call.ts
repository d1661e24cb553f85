// Shared parts of our tfjs kernels: addresses of tensors in the shared memory, scratch, and outputs.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";

/** Classes in a slab: two SIMD registers of four floats. */
export const SLAB = 8;

/** Number of slabs for this many outputs; the last one may be partly unused. */
export const slabsOf = (outputs: number): number => Math.ceil(outputs / SLAB);

export interface Call<Inputs extends string, Attrs> {
  inputs: Record<Inputs, TensorInfo>;
  backend: BackendWasm;
  attrs: Attrs;
}

/** As the kernels number them. */
export const ROW_FORMS = { single: 0, integers: 1, sparse: 2 } as const;
export type RowForm = (typeof ROW_FORMS)[keyof typeof ROW_FORMS];

/** The description of feature rows that kernels take. */
export interface RowsAttrs {
  readonly rows: number;
  /** Storage form of x: float32, 16-bit integers, or non-zero entries. */
  readonly form: RowForm;
  /** Floats between two float32 rows, widened ones included. */
  readonly stride: number;
}

/** The description of a loss over rows that kernels take. */
export type LossAttrs = RowsAttrs & {
  readonly loss: number;
  readonly outputs: number;
  readonly targetBytes: number;
};

export const addressIn =
  (backend: BackendWasm) =>
  (tensor: TensorInfo | undefined): number =>
    tensor ? backend.getMemoryOffset(tensor.dataId) : 0;

/** Runs `work` with the address of `floats` numbers, and frees them afterwards. */
export function withScratch<T>(backend: BackendWasm, floats: number, work: (address: number) => T): T {
  const scratch = backend.makeOutput([floats], "float32");
  try {
    return work(backend.getMemoryOffset(scratch.dataId));
  } finally {
    backend.disposeData(scratch.dataId);
  }
}

export interface RowFunctions {
  /** Rows processed together, which decides the size of scratch. */
  readonly ROWS_AT_A_TIME: WebAssembly.Global;
}

/** Scratch floats for widened rows; for sparse rows, pairs of as many numbers. */
export const widenedFloats = ({ ROWS_AT_A_TIME }: RowFunctions, { form, stride }: RowsAttrs): number =>
  form * (ROWS_AT_A_TIME.value as number) * stride + 1;

/** Scratch floats for the outputs of the rows processed together, and after them for widened rows. */
export const rowsScratch = (functions: RowFunctions, attrs: RowsAttrs, slabs: number): number =>
  (functions.ROWS_AT_A_TIME.value as number) * slabs * SLAB + widenedFloats(functions, attrs);

/** int32 numbers from one integer row to the next: a header of four, and two integers in each. dims: padded. */
export const integerRowLength = (dims: number): number => 4 + dims / 2;

export const paddedRows = (rows: number): number => (rows + 3) & ~3;

export const zeros = (backend: BackendWasm, shape: number[]): TensorInfo => filled(backend, shape, undefined);

/** An output initialised with `values`, or with zeros. */
export function filled(backend: BackendWasm, shape: number[], values: Float32Array | undefined): TensorInfo {
  const output = backend.makeOutput(shape, "float32");
  const numbers = backend.typedArrayFromHeap(output);
  if (values) numbers.set(values);
  else numbers.fill(0);
  return output;
}

/** An output initialised with a copy of an input: kernels do not change their inputs. */
export function copyOf(backend: BackendWasm, tensor: TensorInfo): TensorInfo {
  const output = backend.makeOutput(tensor.shape, "float32");
  backend.typedArrayFromHeap(output).set(backend.typedArrayFromHeap(tensor));
  return output;
}

/** Tensors have no float64. A high and a low float32 part keep 48 bits of the loss. */
export function twoFloats(backend: BackendWasm, value: number): TensorInfo {
  const high = Math.fround(value);
  return backend.makeOutput([2], "float32", undefined, new Float32Array([high, value - high]));
}
