// Rows of features on the WASM heap: float32 for serving, 16 bits a number for training.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { backend, engine, type NamedAttrMap, type NamedTensorMap, type Tensor } from "@tensorflow/tfjs-core";
import { integerRowLength, paddedRows, ROW_FORMS, type RowsAttrs } from "./kernels/call.ts";
import { ENCODE_INTEGERS, ENCODE_SPARSE, WIDEN } from "./kernels/register.ts";
import { scoped } from "./scope.ts";

/** Dimensions as the kernels see them: padded with zeros to a multiple of eight. */
export const paddedDims = (dims: number): number => (dims + 7) & ~7;

/** Floats between two rows. Never a multiple of 256: otherwise 64 rows would map to the same few lines of the L1 cache. */
export const strideOf = (dims: number): number =>
  paddedDims(dims) % 256 === 0 ? paddedDims(dims) + 16 : paddedDims(dims);

/** A tensor around a typed array. Uses the engine directly because the public constructors scan all values first. */
export const tensorOf = (values: Float32Array | Int32Array, shape: number[]): Tensor =>
  engine().makeTensor(values, shape, values instanceof Int32Array ? "int32" : "float32");

export const runKernel = <T>(kernel: string, inputs: Record<string, Tensor>, attrs: object = {}): T =>
  engine().runKernel(kernel, inputs as NamedTensorMap, attrs as NamedAttrMap) as T;

/** A tensor's values in place, without a copy. Valid until the next allocation on the heap, so read them at once. */
export const heapView = (tensor: Tensor): Float32Array =>
  (backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array;

/** Rows on the heap. The creator disposes them. */
export class FeatureTensor {
  readonly tensor: Tensor;
  /** The description of the rows that kernels take. */
  readonly attrs: RowsAttrs;

  private constructor(tensor: Tensor, attrs: RowsAttrs) {
    this.tensor = tensor;
    this.attrs = attrs;
  }

  /**
   * From float32 rows [rows][strideOf(dims)], where the row count may be padded to a multiple of four. Padding must be zero.
   */
  static single(features: Float32Array, rows: number, dims: number): FeatureTensor {
    const stride = strideOf(dims);
    const tensor = tensorOf(upTo(features, paddedRows(rows) * stride), [paddedRows(rows), stride]);
    return new FeatureTensor(tensor, { rows, form: ROW_FORMS.single, stride });
  }

  /**
   * (features − mean) · inverse, clipped to ±60,000, as 16-bit integers with one unit per row. features: [rows][dims]; mean and
   * inverse: [dims].
   */
  static encode(features: Float32Array, mean: Float32Array, inverse: Float32Array): FeatureTensor {
    const dims = mean.length;
    const rows = features.length / dims;
    return scoped(() => {
      const inputs = { x: withSlack(features), mean: padded(mean), inverse: padded(inverse) };
      const integers = engine().keep(runKernel<Tensor>(ENCODE_INTEGERS, inputs, { rows, dims }));
      return new FeatureTensor(integers, { rows, form: ROW_FORMS.integers, stride: strideOf(dims) });
    });
  }

  /** features · inverse, storing only non-zero values: for rows that are mostly zeros, and therefore are not centred. */
  static encodeSparse(features: Float32Array, inverse: Float32Array): FeatureTensor {
    const dims = inverse.length;
    const rows = features.length / dims;
    return scoped(() => {
      const inputs = { x: withSlack(features), inverse: padded(inverse) };
      const entries = engine().keep(runKernel<Tensor>(ENCODE_SPARSE, inputs, { rows, dims }));
      return new FeatureTensor(entries, { rows, form: ROW_FORMS.sparse, stride: strideOf(dims) });
    });
  }

  /** Sparse rows from the output of `bytesKept`. */
  static sparse(bytes: Uint8Array, rows: number, dims: number): FeatureTensor {
    const values = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    return new FeatureTensor(tensorOf(values, [values.length]), {
      rows,
      form: ROW_FORMS.sparse,
      stride: strideOf(dims),
    });
  }

  /** Integer rows from the output of `bytesKept`. */
  static integers(bytes: Uint8Array, rows: number, dims: number): FeatureTensor {
    const values = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const width = integerRowLength(paddedDims(dims));
    return new FeatureTensor(tensorOf(values, [values.length / width, width]), {
      rows,
      form: ROW_FORMS.integers,
      stride: strideOf(dims),
    });
  }

  get rows(): number {
    return this.attrs.rows;
  }

  /** A view of the first `rows` rows. Valid while these rows are on the heap; must not be disposed. */
  first(rows: number): FeatureTensor {
    return new FeatureTensor(this.tensor, { ...this.attrs, rows });
  }

  get bytes(): number {
    return this.tensor.size * 4;
  }

  /** A copy of 16-bit rows in the layout of the kernels. */
  bytesKept(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(heapView(this.tensor).slice().buffer);
  }

  /** A float32 copy [rows][paddedDims(dims)] of 16-bit rows. */
  widened(dims: number): Float32Array {
    return scoped(() => {
      const width = paddedDims(dims);
      const rows = runKernel<Tensor>(WIDEN, { x: this.tensor }, { ...this.attrs, dims: width });
      return rows.dataSync<"float32">().subarray(0, this.rows * width);
    });
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

/**
 * Buffer in which every block is laid out before it goes to the heap. It is reused: one per call would leave a copy of all rows
 * to the collector after each pass.
 */
let slack = new Float32Array(0);

/** The kernel reads eight numbers at a time, also past the end of the last row. */
function withSlack(features: Float32Array): Tensor {
  const length = features.length + 8;
  if (slack.length < length) slack = new Float32Array(length);
  slack.set(features);
  slack.fill(0, features.length, length);
  return tensorOf(slack.subarray(0, length), [length]);
}

function padded(values: Float32Array): Tensor {
  const length = paddedDims(values.length);
  return tensorOf(upTo(values, length), [length]);
}

/** The array itself if it has `length`, else a copy padded with zeros. */
function upTo(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values;
  const out = new Float32Array(length);
  out.set(values);
  return out;
}
