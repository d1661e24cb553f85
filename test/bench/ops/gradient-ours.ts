// The project's own gradient: blocks of features resident on the WASM heap, one kernel call each. In 16 bits a number, as in a
// training, or as float32 (method "ours_single"), to compare them.
import { FeatureTensor, paddedDims, strideOf } from "../../../src/tensor/features.ts";
import { addLossGradient, SLAB, type SlabWeights, slabIndex, slabsOf } from "../../../src/tensor/products.ts";
import type { StoredBlock, StoredSet } from "../object/stored-set.ts";
import { type Prepared, weightsOf } from "./prepared.ts";

export const prepareOurs = (stored: StoredSet): Prepared => prepare(stored, integers);
export const prepareOursSingle = (stored: StoredSet): Prepared => prepare(stored, singles);
export const prepareOursRough = (stored: StoredSet): Prepared => prepare(stored, integers, true);

type OnHeap = (block: StoredBlock, dims: number) => FeatureTensor;

const integers: OnHeap = ({ features }, dims) =>
  FeatureTensor.encode(features, new Float32Array(dims), new Float32Array(dims).fill(1));

function singles({ features, labels }: StoredBlock, dims: number): FeatureTensor {
  const [rows, stride] = [labels.length, strideOf(dims)];
  const padded = new Float32Array(((rows + 3) & ~3) * stride);
  for (let r = 0; r < rows; r++) padded.set(features.subarray(r * dims, (r + 1) * dims), r * stride);
  return FeatureTensor.single(padded, rows, dims);
}

function prepare(stored: StoredSet, onHeap: OnHeap, rough = false): Prepared {
  const { dims, classes } = stored.meta;
  const blocks = [...stored.blocks("train")].map((block) => ({ x: onHeap(block, dims), targets: block.labels }));
  const rows = blocks.reduce((sum, { targets }) => sum + targets.length, 0);
  const head = slabWeights(dims, classes);
  return {
    gradient() {
      const sums = new Float64Array(head.weights.length + head.bias.length);
      let loss = 0;
      for (const { x, targets } of blocks)
        loss += addLossGradient(x, { loss: "softmax", targets, classWeights: null, rough }, head, sums);
      return { loss: loss / rows, weights: sums, bias: [] };
    },
    dispose: () => {
      for (const { x } of blocks) x.dispose();
    },
  };
}

function slabWeights(dims: number, classes: number): SlabWeights {
  const [padded, slabs, plain] = [paddedDims(dims), slabsOf(classes), weightsOf(dims, classes)];
  const weights = new Float32Array(slabs * padded * SLAB);
  plain.forEach((value, i) => {
    weights[slabIndex(padded, Math.floor(i / classes), i % classes)] = value;
  });
  return { dims: padded, outputs: classes, weights, bias: new Float32Array(slabs * SLAB) };
}
