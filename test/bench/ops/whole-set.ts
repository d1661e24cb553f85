// All training rows as the two tensors of a program that uses only tfjs: features and one-hot labels.
import { engine, type Tensor2D } from "@tensorflow/tfjs-core";
import type { StoredSet } from "../object/stored-set.ts";

export interface WholeSet {
  readonly rows: number;
  /** [rows, dims] */
  readonly features: Tensor2D;
  /** [rows, classes] */
  readonly truth: Tensor2D;
}

export function wholeSet(stored: StoredSet): WholeSet {
  const { dims, classes } = stored.meta;
  const rows = stored.rows("train").reduce((a, b) => a + b, 0);
  const features = new Float32Array(rows * dims);
  const truth = new Float32Array(rows * classes); // computed manually: tfjs's oneHot kernel writes integers
  let at = 0;
  for (const block of stored.blocks("train")) {
    features.set(block.features, at * dims);
    for (const label of block.labels) truth[at++ * classes + label] = 1;
  }
  // `tensor2d` would scan every value first.
  const tensor = (values: Float32Array, width: number) =>
    engine().makeTensor(values, [rows, width], "float32") as Tensor2D;
  return { rows, features: tensor(features, dims), truth: tensor(truth, classes) };
}
