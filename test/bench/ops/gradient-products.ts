// The gradient in closed form by tfjs's products without a transposed operand: Xᵀ is a second copy of the features, which is made
// once. This is the fastest gradient that tfjs allows without kernels of our own.
import { add, exp, logSoftmax, matMul, mul, neg, sub, sum, tensor2d, transpose } from "@tensorflow/tfjs-core";
import { scoped } from "../../../src/tensor/scope.ts";
import "../../support/tfjs-oracle.ts"; // registers tfjs's kernels
import type { StoredSet } from "../object/stored-set.ts";
import { type Prepared, weightsOf } from "./prepared.ts";
import { wholeSet } from "./whole-set.ts";

export function prepareProducts(stored: StoredSet): Prepared {
  const { dims, classes } = stored.meta;
  const { rows, features, truth } = wholeSet(stored);
  const transposed = transpose(features);
  const at = weightsOf(dims, classes);
  const gradient = () => {
    const bias = tensor2d(new Float32Array(classes), [1, classes]);
    const scores = logSoftmax(add(matMul(features, tensor2d(at, [dims, classes])), bias));
    const errors = sub(exp(scores), truth); // [rows, classes]
    const loss = neg(sum(mul(truth, scores))).dataSync()[0] as number;
    const weights = matMul(transposed, errors).dataSync<"float32">().slice();
    return { loss: loss / rows, weights, bias: sum(errors, 0).dataSync<"float32">().slice() };
  };
  const dispose = () => [features, truth, transposed].forEach((one) => void one.dispose());
  return { gradient: () => scoped(gradient), dispose };
}
