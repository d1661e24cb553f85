// Any head's loss and gradient by tfjs's operations and automatic differentiation, from exported layers. Import it before
// anything boots the backend, like ./tfjs-oracle.ts.
import { realDivConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/RealDiv.js";
import { reluConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Relu.js";
import { stepConfig } from "@tensorflow/tfjs-backend-wasm/dist/kernels/Step.js";
import {
  add,
  exp,
  log,
  logSoftmax,
  matMul,
  mul,
  neg,
  registerKernel,
  relu,
  type Scalar,
  scalar,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  tensor2d,
  valueAndGrads,
} from "@tensorflow/tfjs-core";
import "./tfjs-oracle.ts";
import type { HeadWeights } from "../../src/engine/heads/kind.ts";
import type { Loss } from "../../src/tensor/products.ts";
import { scoped } from "../../src/tensor/scope.ts";

for (const config of [realDivConfig, reluConfig, stepConfig]) registerKernel(config);

export interface OracleRows {
  readonly rows: number;
  readonly dims: number;
  /** [rows][dims] */
  readonly x: Float32Array;
  readonly loss: Loss;
  /** [rows][outputs]: 1 for the class or for a label that is set, or the value. */
  readonly truth: Float32Array;
  /** [outputs]: weight of an example of each class, or of a label that is set. */
  readonly weights: Float32Array;
}

const softplus = (z: Tensor): Tensor => log(add(exp(z), scalar(1)));

const LOSSES: Readonly<Record<Loss, (z: Tensor, truth: Tensor, weights: Tensor) => Tensor>> = {
  softmax: (z, truth, weights) => neg(sum(mul(mul(truth, weights), logSoftmax(z)))),
  sigmoid: (z, truth, weights) =>
    sum(add(mul(mul(truth, weights), softplus(neg(z))), mul(sub(scalar(1), truth), softplus(z)))),
  squared: (z, truth) => mul(scalar(0.5), sum(mul(sub(z, truth), sub(z, truth)))),
};

/** Σ loss, and its gradient in the layout of `layers`. */
export function oracleGradient(layers: HeadWeights, data: OracleRows): { loss: number; gradient: HeadWeights } {
  return scoped(() => {
    const x = tensor2d(data.x, [data.rows, data.dims]);
    const truth = tensor2d(data.truth, [data.rows, data.weights.length]);
    const weights = tensor2d(data.weights, [1, data.weights.length]);
    const lossOf = (...parameters: Tensor2D[]): Scalar =>
      LOSSES[data.loss](outputsOf(x, parameters), truth, weights) as Scalar;
    const start = layers.flatMap((layer) => {
      const outputs = layer.bias.length;
      return [tensor2d(layer.weights, [layer.weights.length / outputs, outputs]), tensor2d(layer.bias, [1, outputs])];
    });
    const { value, grads } = valueAndGrads(lossOf as never)(start);
    const flat = grads.map((gradient) => gradient.dataSync<"float32">().slice());
    const gradient = layers.map((_, i) => ({
      weights: flat[2 * i] as Float32Array,
      bias: flat[2 * i + 1] as Float32Array,
    }));
    return { loss: value.dataSync()[0] as number, gradient };
  });
}

/** `parameters`: weights and bias of each layer in turn. */
function outputsOf(x: Tensor, parameters: readonly Tensor2D[]): Tensor {
  let out = x;
  for (let i = 0; i < parameters.length; i += 2) {
    const z = add(matMul(out as Tensor2D, parameters[i] as Tensor2D), parameters[i + 1] as Tensor2D);
    out = i + 2 < parameters.length ? relu(z) : z;
  }
  return out;
}
