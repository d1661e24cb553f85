// The gradient by tfjs's own automatic differentiation, for programs without closed forms.
import {
  add,
  logSoftmax,
  matMul,
  mul,
  neg,
  type Scalar,
  sum,
  type Tensor2D,
  tensor2d,
  valueAndGrads,
} from "@tensorflow/tfjs-core";
import { scoped } from "../../../src/tensor/scope.ts";
import "../../support/tfjs-oracle.ts"; // registers tfjs's kernels and gradients
import type { StoredSet } from "../object/stored-set.ts";
import { type Prepared, weightsOf } from "./prepared.ts";
import { wholeSet } from "./whole-set.ts";

export function prepareAutodiff(stored: StoredSet): Prepared {
  const { dims, classes } = stored.meta;
  const { rows, features, truth } = wholeSet(stored);
  const at = weightsOf(dims, classes);
  const lossOf = (w: Tensor2D, b: Tensor2D): Scalar => neg(sum(mul(truth, logSoftmax(add(matMul(features, w), b)))));
  const gradient = () => {
    const start = [tensor2d(at, [dims, classes]), tensor2d(new Float32Array(classes), [1, classes])];
    const { value, grads } = valueAndGrads(lossOf as never)(start);
    const [weights, bias] = grads.map((one) => one.dataSync<"float32">().slice()) as [Float32Array, Float32Array];
    return { loss: (value.dataSync()[0] as number) / rows, weights, bias };
  };
  return { gradient: () => scoped(gradient), dispose: () => [features, truth].forEach((one) => void one.dispose()) };
}
