// The products that heads need, none with a transposed operand (tfjs takes a naive loop there, ten times slower).
// Arrays in, arrays out; a block of features may stay on the heap between calls.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  backend,
  engine,
  matMul,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { CROSS_ENTROPY_GRADIENT, LINEAR_LOGITS, SLAB } from "./kernels/register.ts";
import { scoped } from "./scope.ts";

/** A linear head's weights in the layout of the kernels: [slabs][dims][8] with zeros past the last class, and a bias. */
export interface SlabWeights {
  readonly dims: number;
  readonly classes: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export { SLAB };

export const slabsOf = (classes: number): number => Math.ceil(classes / SLAB);

/** Dimensions as the kernels see them: a multiple of four, filled with zeros. */
export const paddedDims = (dims: number): number => (dims + 3) & ~3;

/** Floats between two rows: off the powers of two, where 64 rows would fall on the same few lines of the L1 cache. */
export const strideOf = (dims: number): number =>
  paddedDims(dims) % 256 === 0 ? paddedDims(dims) + 16 : paddedDims(dims);

/** Where class `k`, dimension `d` stands in slab layout. */
export const slabIndex = (dims: number, d: number, k: number): number => ((k >> 3) * dims + d) * SLAB + (k & 7);

/** Rows of features on the WASM heap; whoever made it disposes it. */
export class FeatureTensor {
  readonly rows: number;
  readonly tensor: Tensor;

  /** `features`: [rows up to a multiple of four][strideOf(dims)], zero in the padding. */
  constructor(features: Float32Array, rows: number, stride: number) {
    this.rows = rows;
    this.tensor = tensorOf(features, [features.length / stride, stride]);
  }

  get bytes(): number {
    return this.tensor.size * 4;
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

/** A tensor of a typed array as it is: the public constructors look through its values first. */
const tensorOf = (values: Float32Array | Int32Array, shape: number[]): Tensor =>
  engine().makeTensor(values, shape, values instanceof Int32Array ? "int32" : "float32");

const weightTensors = ({ weights, bias, dims, classes }: SlabWeights) => ({
  weights: tensorOf(weights, [slabsOf(classes), dims, SLAB]),
  bias: tensorOf(bias, [bias.length]),
});

const run = <T>(kernel: string, inputs: Record<string, Tensor>, attrs: object = {}): T =>
  engine().runKernel(kernel, inputs as NamedTensorMap, attrs as NamedAttrMap) as T;

/** x·W + b: [rows][slabs · 8]. Summed over dimensions in order, so a row's logits do not depend on its neighbours. */
export function linearLogits(x: FeatureTensor, head: SlabWeights): Float32Array {
  return scoped(() => {
    const inputs = { x: x.tensor, ...weightTensors(head) };
    const logits = run<Tensor>(LINEAR_LOGITS, inputs).dataSync<"float32">();
    return logits.subarray(0, x.rows * slabsOf(head.classes) * SLAB);
  });
}

/**
 * Σ cross-entropy of softmax(x·W + b) against `labels` [rows]; adds its gradient to `gradient`, weights in slab layout and
 * then biases. One pass over x. Sums across blocks are float64.
 */
export function addCrossEntropyGradient(
  x: FeatureTensor,
  labels: Int32Array,
  head: SlabWeights,
  gradient: Float64Array,
): number {
  return scoped(() => {
    const inputs = { x: x.tensor, labels: tensorOf(labels, [labels.length]), ...weightTensors(head) };
    const attrs = { rows: x.rows, classes: head.classes };
    const [weights, bias, loss] = run<[Tensor, Tensor, Tensor]>(CROSS_ENTROPY_GRADIENT, inputs, attrs);
    addTo(gradient, 0, heapView(weights));
    addTo(gradient, head.weights.length, heapView(bias));
    const [high, low] = heapView(loss) as unknown as [number, number];
    return high + low;
  });
}

/** A tensor's values where they lie: valid until the next allocation on the heap, so read at once. */
const heapView = (tensor: Tensor): Float32Array =>
  (backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array;

function addTo(sums: Float64Array, at: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) sums[at + i] = (sums[at + i] as number) + (values[i] as number);
}

/** a [m, k] · b [k, n] by tfjs's own product (XNNPACK). */
export function product(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float32Array {
  return scoped(() => matMul(tensorOf(a, [m, k]) as Tensor2D, tensorOf(b, [k, n]) as Tensor2D).dataSync<"float32">());
}
