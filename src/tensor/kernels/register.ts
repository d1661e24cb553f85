// Registers the kernels of assembly/ with tfjs's `wasm` backend, in the same way as tfjs's own kernels: pure functions from
// tensors to tensors. Layouts: x [rows padded to a multiple of 4][stride] as float32, or integer rows or sparse entries as
// int32, as in assembly/; weights [slabs][dims][8], bias [slabs · 8].
import { type KernelFunc, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import {
  addressIn,
  type Call,
  copyOf,
  filled,
  integerRowLength,
  type LossAttrs,
  paddedRows,
  type RowsAttrs,
  rowsScratch,
  SLAB,
  twoFloats,
  widenedFloats,
  withScratch,
  zeros,
} from "./call.ts";
import { linearCurvature } from "./curvature.ts";
import type { HeadFunctions } from "./head-functions.ts";
import { mlpLossGradient, mlpOutputs, mlpTrainBlock } from "./mlp.ts";

export const LINEAR_LOGITS = "LinearLogits";
export const LINEAR_LOSS_GRADIENT = "LinearLossGradient";
export const LINEAR_CURVATURE = "LinearCurvature";
export const ENCODE_INTEGERS = "EncodeIntegers";
export const ENCODE_SPARSE = "EncodeSparse";
export const WIDEN = "Widen";
export const GRAM = "Gram";
export const MATRIX_TIMES_SLABS = "MatrixTimesSlabs";
export const INVERT_ROWS = "InvertRows";
export const MLP_OUTPUTS = "MlpOutputs";
export const MLP_LOSS_GRADIENT = "MlpLossGradient";
export const MLP_TRAIN_BLOCK = "MlpTrainBlock";

export function registerHeadKernels(functions: HeadFunctions): void {
  const register = (kernelName: string, kernelFunc: unknown): void =>
    registerKernel({ kernelName, backendName: "wasm", kernelFunc: kernelFunc as KernelFunc });
  register(LINEAR_LOGITS, linearLogits(functions));
  register(LINEAR_LOSS_GRADIENT, linearLossGradient(functions));
  register(LINEAR_CURVATURE, linearCurvature(functions));
  register(ENCODE_INTEGERS, encodeIntegers(functions));
  register(ENCODE_SPARSE, encodeSparse(functions));
  register(WIDEN, widen(functions));
  register(GRAM, gram(functions));
  register(MATRIX_TIMES_SLABS, matrixTimesSlabs(functions));
  register(INVERT_ROWS, invertRows(functions));
  register(MLP_OUTPUTS, mlpOutputs(functions));
  register(MLP_LOSS_GRADIENT, mlpLossGradient(functions));
  register(MLP_TRAIN_BLOCK, mlpTrainBlock(functions));
}

/** {x, weights, bias} → logits [rows …][slabs · 8]. */
function linearLogits(functions: HeadFunctions) {
  return ({ inputs, backend, attrs }: Call<"x" | "weights" | "bias", RowsAttrs>): TensorInfo => {
    const { x, weights, bias } = inputs;
    const [slabs, dims] = weights.shape as [number, number];
    const rows = paddedRows(attrs.rows);
    const logits = backend.makeOutput([rows, slabs * SLAB], "float32");
    const at = addressIn(backend);
    const { form, stride } = attrs;
    withScratch(backend, widenedFloats(functions, attrs), (scratch) =>
      functions.linearLogits(at(x), form, at(weights), at(bias), at(logits), scratch, rows, dims, stride, slabs),
    );
    return logits;
  };
}

type LossInputs = "x" | "targets" | "weights" | "bias" | "classWeights";

/** `before`: initial gradient, weights first. `isFixed`: whether products are in fixed point. */
type GradientAttrs = LossAttrs & { readonly before: Float32Array | null; readonly isFixed: boolean };

/**
 * {x, targets, weights, bias, classWeights?} → [Σ gradient, Σ bias gradient, Σ loss as two float32 parts, high and low]; the
 * gradients are added to `before`.
 */
function linearLossGradient(functions: HeadFunctions) {
  return ({ inputs, backend, attrs }: Call<LossInputs, GradientAttrs>): TensorInfo[] => {
    const { x, targets, weights, bias, classWeights } = inputs;
    const { rows, loss, outputs, targetBytes, stride, isFixed, before } = attrs;
    const [slabs, dims] = weights.shape as [number, number];
    const size = slabs * dims * SLAB;
    const gradient = filled(backend, weights.shape, before?.subarray(0, size));
    const biasGradient = filled(backend, bias.shape, before?.subarray(size));
    const at = addressIn(backend);
    const errors = (functions.ROWS_AT_A_TIME.value as number) * slabs * SLAB;
    const floats = isFixed ? errors + functions.fixedScratch(dims, slabs) / 4 : rowsScratch(functions, attrs, slabs);
    const rowTargets = [at(targets), targetBytes, at(classWeights)] as const;
    const head = [at(weights), at(bias), at(gradient), at(biasGradient)] as const;
    const sum = withScratch(backend, floats, (scratch) =>
      isFixed
        ? functions.fixedLossGradient(loss, at(x), ...rowTargets, ...head, scratch, rows, dims, outputs, slabs)
        : functions.linearLossGradient(
            loss,
            at(x),
            attrs.form,
            ...rowTargets,
            ...head,
            scratch,
            rows,
            dims,
            stride,
            outputs,
            slabs,
          ),
    );
    return [gradient, biasGradient, twoFloats(backend, sum)];
  };
}

/** {x float32 without padding, mean, inverse} → integer rows [rows …][integerRowLength(dims)] as int32. */
function encodeIntegers(functions: HeadFunctions) {
  type Encode = Call<"x" | "mean" | "inverse", { rows: number; dims: number }>;
  return ({ inputs: { x, mean, inverse }, backend, attrs: { rows, dims } }: Encode): TensorInfo => {
    const padded = mean.shape[0] as number;
    const length = integerRowLength(padded);
    const integers = backend.makeOutput([paddedRows(rows), length], "int32");
    backend.typedArrayFromHeap(integers).fill(0, rows * length);
    const at = addressIn(backend);
    functions.encodeIntegers(at(x), at(mean), at(inverse), at(integers), rows, dims, padded);
    return integers;
  };
}

/** {x float32 without padding, inverse} → entries in the layout of assembly/sparse.ts, sized for the non-zero numbers. */
function encodeSparse(functions: HeadFunctions) {
  type Encode = Call<"x" | "inverse", { rows: number; dims: number }>;
  return ({ inputs: { x, inverse }, backend, attrs: { rows, dims } }: Encode): TensorInfo => {
    const at = addressIn(backend);
    const numbers = functions.countNumbers(at(x), rows * dims);
    const entries = backend.makeOutput([paddedRows(rows) + 2 + numbers], "int32");
    functions.encodeSparse(at(x), at(inverse), at(entries), rows, dims);
    return entries;
  };
}

/** {x as integers or sparse} → float32 [rows …][dims]. */
function widen(functions: HeadFunctions) {
  return ({ inputs: { x }, backend, attrs }: Call<"x", RowsAttrs & { dims: number }>): TensorInfo => {
    const rows = paddedRows(attrs.rows);
    const output = backend.makeOutput([rows, attrs.dims], "float32");
    const at = addressIn(backend);
    functions.widen(at(x), attrs.form, at(output), rows, attrs.dims);
    return output;
  };
}

/** {x as integers or sparse} → Xᵀ·X [dims / 8][dims][8]; only entries with row >= column are valid. */
function gram(functions: HeadFunctions) {
  return ({ inputs: { x }, backend, attrs }: Call<"x", RowsAttrs & { dims: number }>): TensorInfo => {
    const { dims, form, stride, rows } = attrs;
    const output = zeros(backend, [dims / SLAB, dims, SLAB]);
    const at = addressIn(backend);
    withScratch(backend, widenedFloats(functions, attrs), (scratch) =>
      functions.addGram(at(x), form, at(output), scratch, paddedRows(rows), dims, stride),
    );
    return output;
  };
}

/** {matrix [dims][dims], weights} → matrix · weights, in weight layout. */
function matrixTimesSlabs(functions: HeadFunctions) {
  return ({ inputs: { matrix, weights }, backend }: Call<"matrix" | "weights", unknown>): TensorInfo => {
    const [slabs, dims] = weights.shape as [number, number];
    const output = backend.makeOutput(weights.shape, "float32");
    const none = zeros(backend, [slabs * SLAB]);
    const at = addressIn(backend);
    functions.matrixTimesSlabs(at(matrix), at(weights), at(none), at(output), dims, slabs);
    backend.disposeData(none.dataId);
    return output;
  };
}

/**
 * {matrix, inverse}, float64 as pairs of float32 [dims][2 · dims] → both after `count` rows from `from` on, and the number of
 * rows processed.
 */
function invertRows(functions: HeadFunctions) {
  type Invert = Call<"matrix" | "inverse", { from: number; count: number }>;
  return ({ inputs, backend, attrs: { from, count } }: Invert): TensorInfo[] => {
    const [matrix, inverse] = [copyOf(backend, inputs.matrix), copyOf(backend, inputs.inverse)];
    const at = addressIn(backend);
    const taken = functions.invertRows(at(matrix), at(inverse), matrix.shape[0] as number, from, count);
    return [matrix, inverse, backend.makeOutput([1], "float32", undefined, Float32Array.of(taken))];
  };
}
