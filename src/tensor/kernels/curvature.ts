// The tfjs kernel for a linear head's second-derivative sums.
import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  addressIn,
  type Call,
  copyOf,
  type LossAttrs,
  type RowFunctions,
  rowsScratch,
  SLAB,
  withScratch,
} from "./call.ts";

/** Exports of .build/kernels/head.wasm for it. */
export interface CurvatureFunctions extends RowFunctions {
  linearCurvature(
    loss: number,
    x: number,
    form: number,
    targets: number,
    targetBytes: number,
    classWeights: number,
    w: number,
    bias: number,
    first: number,
    second: number,
    sums: number,
    scratch: number,
    rows: number,
    dims: number,
    stride: number,
    outputs: number,
    slabs: number,
  ): void;
}

type CurvatureInputs = "x" | "targets" | "weights" | "bias" | "classWeights" | "before";

/**
 * {x as integers or sparse, targets, weights, bias, classWeights?, before} → [Σ v·x | Σ v·x² | Σ v], in the layouts of weights,
 * weights and bias, added to `before`; v is the second derivative of the loss with respect to an output.
 */
export function linearCurvature(functions: CurvatureFunctions) {
  return ({ inputs, backend, attrs }: Call<CurvatureInputs, LossAttrs>): TensorInfo => {
    const { rows, loss, form, outputs, targetBytes, stride } = attrs;
    const [slabs, dims] = inputs.weights.shape as [number, number];
    const output = copyOf(backend, inputs.before);
    const at = addressIn(backend);
    const bytes = 4 * slabs * dims * SLAB;
    const [first, second, sums] = [0, bytes, 2 * bytes].map((offset) => at(output) + offset) as [
      number,
      number,
      number,
    ];
    withScratch(backend, rowsScratch(functions, attrs, slabs), (scratch) =>
      functions.linearCurvature(
        loss,
        at(inputs.x),
        form,
        at(inputs.targets),
        targetBytes,
        at(inputs.classWeights),
        at(inputs.weights),
        at(inputs.bias),
        first,
        second,
        sums,
        scratch,
        rows,
        dims,
        stride,
        outputs,
        slabs,
      ),
    );
    return output;
  };
}
