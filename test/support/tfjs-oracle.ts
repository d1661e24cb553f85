// tfjs's own operations and automatic differentiation as a reference for our kernels. Import it before anything boots the
// backend, because the set-up functions of kernels run when the backend starts.
import { addConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Add.js";
import { batchMatMulConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/BatchMatMul.js";
import { castConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Cast.js";
import { expConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Exp.js";
import { fillConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Fill.js";
import { identityConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Identity.js";
import { logConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Log.js";
import { maxConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Max.js";
import { multiplyConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Multiply.js";
import { negConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Neg.js";
import { onesLikeConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/OnesLike.js";
import { reshapeConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Reshape.js";
import { subConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Sub.js";
import { sumConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Sum.js";
import { tileConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Tile.js";
import { transposeConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Transpose.js";
import {
  add,
  logSoftmax,
  matMul,
  mul,
  neg,
  registerKernel,
  type Scalar,
  sum,
  type Tensor2D,
  tensor1d,
  tensor2d,
  valueAndGrads,
} from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { scoped } from "../../src/tensor/scope.ts";
import type { LinearProblem } from "./linear-algebra.ts";

for (const config of [
  ...[addConfig, batchMatMulConfig, castConfig, expConfig, fillConfig, identityConfig, logConfig, maxConfig],
  ...[multiplyConfig, negConfig, onesLikeConfig, reshapeConfig, subConfig, sumConfig, tileConfig, transposeConfig],
]) {
  registerKernel(config);
}

/** x·W + b by tfjs's matMul and add: [rows][classes]. */
export function tfjsLogits({ rows, dims, classes, x, weights, bias }: LinearProblem): Float32Array {
  return scoped(() => {
    const products = matMul(tensor2d(x, [rows, dims]), tensor2d(weights, [dims, classes]));
    return add(products, tensor1d(bias)).dataSync<"float32">().slice();
  });
}

/** One-hot labels, computed here because tfjs's WASM kernel writes integers where float32 was requested. */
function oneHot(labels: Int32Array, classes: number): Float32Array {
  const truth = new Float32Array(labels.length * classes);
  labels.forEach((label, r) => {
    truth[r * classes + label] = 1;
  });
  return truth;
}

export interface LossGradient {
  readonly loss: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Σ cross-entropy and its gradient by tfjs's automatic differentiation. */
export function tfjsLossGradient(
  { rows, dims, classes, x, weights, bias }: LinearProblem,
  labels: Int32Array,
): LossGradient {
  return scoped(() => {
    const truth = tensor2d(oneHot(labels, classes), [rows, classes]);
    const features = tensor2d(x, [rows, dims]);
    const lossOf = (w: Tensor2D, b: Tensor2D): Scalar => neg(sum(mul(truth, logSoftmax(add(matMul(features, w), b)))));
    const of = valueAndGrads(lossOf as never)([tensor2d(weights, [dims, classes]), tensor2d(bias, [1, classes])]);
    const [w, b] = of.grads.map((gradient) => gradient.dataSync<"float32">().slice()) as [Float32Array, Float32Array];
    return { loss: of.value.dataSync()[0] as number, weights: w, bias: b };
  });
}
