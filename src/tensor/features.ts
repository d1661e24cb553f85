// Rows of features on the WASM heap, float32 as they are served, in 16 bits a number as they are trained on.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { backend, engine, type NamedAttrMap, type NamedTensorMap, type Tensor } from "@tensorflow/tfjs-core";
import { integerRowLength, paddedRows, ROW_FORMS, type RowsAttrs } from "./kernels/call.ts";
import { ENCODE_INTEGERS, ENCODE_SPARSE, WIDEN } from "./kernels/register.ts";
import { scoped } from "./scope.ts";

/** Dimensions as the kernels see them: a multiple of eight, filled with zeros. */
export const paddedDims = (dims: number): number => (dims + 7) & ~7;

/** Floats between two rows: off the powers of two, where 64 rows would fall on the same few lines of the L1 cache. */
export const strideOf = (dims: number): number =>
  paddedDims(dims) % 256 === 0 ? paddedDims(dims) + 16 : paddedDims(dims);

/** A tensor of a typed array as it is: the public constructors look through its values first. */
export const tensorOf = (values: Float32Array | Int32Array, shape: number[]): Tensor =>
  engine().makeTensor(values, shape, values instanceof Int32Array ? "int32" : "float32");

export const runKernel = <T>(kernel: string, inputs: Record<string, Tensor>, attrs: object = {}): T =>
  engine().runKernel(kernel, inputs as NamedTensorMap, attrs as NamedAttrMap) as T;

/** A tensor's values where they lie: valid until the next allocation on the heap, so read at once. */
export const heapView = (tensor: Tensor): Float32Array =>
  (backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array;

/** Rows on the heap; whoever made it disposes it. */
export class FeatureTensor {
  readonly tensor: Tensor;
  /** How a kernel is told of them. */
  readonly attrs: RowsAttrs;

  private constructor(tensor: Tensor, attrs: RowsAttrs) {
    this.tensor = tensor;
    this.attrs = attrs;
  }

  /** float32 rows [rows][strideOf(dims)], or up to a multiple of four; zero in the padding. */
  static single(features: Float32Array, rows: number, dims: number): FeatureTensor {
    const stride = strideOf(dims);
    const tensor = tensorOf(upTo(features, paddedRows(rows) * stride), [paddedRows(rows), stride]);
    return new FeatureTensor(tensor, { rows, form: ROW_FORMS.single, stride });
  }

  /**
   * (features − mean) · inverse, cut at ±60,000, as integers of 16 bits in units of each row's own. features: [rows][dims];
   * mean and inverse: [dims].
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

  /** features · inverse, what is zero left out: for rows that are mostly zeros, and so are not centred. */
  static encodeSparse(features: Float32Array, inverse: Float32Array): FeatureTensor {
    const dims = inverse.length;
    const rows = features.length / dims;
    return scoped(() => {
      const inputs = { x: withSlack(features), inverse: padded(inverse) };
      const entries = engine().keep(runKernel<Tensor>(ENCODE_SPARSE, inputs, { rows, dims }));
      return new FeatureTensor(entries, { rows, form: ROW_FORMS.sparse, stride: strideOf(dims) });
    });
  }

  /** Sparse rows as `bytesKept` gave them. */
  static sparse(bytes: Uint8Array, rows: number, dims: number): FeatureTensor {
    const values = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    return new FeatureTensor(tensorOf(values, [values.length]), {
      ...{ rows, form: ROW_FORMS.sparse, stride: strideOf(dims) },
    });
  }

  /** Rows of integers as `bytesKept` gave them. */
  static integers(bytes: Uint8Array, rows: number, dims: number): FeatureTensor {
    const values = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const width = integerRowLength(paddedDims(dims));
    return new FeatureTensor(tensorOf(values, [values.length / width, width]), {
      ...{ rows, form: ROW_FORMS.integers, stride: strideOf(dims) },
    });
  }

  get rows(): number {
    return this.attrs.rows;
  }

  /** The first of the rows, where they lie: to be read while these are there, not to be disposed. */
  first(rows: number): FeatureTensor {
    return new FeatureTensor(this.tensor, { ...this.attrs, rows });
  }

  get bytes(): number {
    return this.tensor.size * 4;
  }

  /** A copy of rows in 16 bits as the kernels read them. */
  bytesKept(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(heapView(this.tensor).slice().buffer);
  }

  /** A copy as float32 [rows][paddedDims(dims)], of rows in 16 bits. */
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

/** Room that every block is laid out in on its way to the heap: made once, or each pass would leave a copy of all rows behind. */
let slack = new Float32Array(0);

/** The kernel reads eight numbers at a time, past the end of the last row too. */
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

/** As they are, or a copy with zeros up to `length`. */
function upTo(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values;
  const out = new Float32Array(length);
  out.set(values);
  return out;
}
