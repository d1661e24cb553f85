// The tfjs kernels of a head with one hidden layer. Parameters, gradients and moments are flat vectors [W1 slabs][W2
// slabs][b1][b2]; assembly/mlp.ts owns that layout.
import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  addressIn,
  type Call,
  copyOf,
  type LossAttrs,
  paddedRows,
  ROW_FORMS,
  type RowsAttrs,
  SLAB,
  slabsOf,
  twoFloats,
  withScratch,
  zeros,
} from "./call.ts";

/** Exports of .build/kernels/head.wasm for it. */
export interface MlpFunctions {
  mlpScratch(form: number, isFixed: boolean, dims: number, stride: number, hidden: number, slabs: number): number;
  mlpOutputs(
    x: number,
    form: number,
    parameters: number,
    out: number,
    scratch: number,
    rows: number,
    dims: number,
    stride: number,
    hidden: number,
    slabs: number,
  ): void;
  mlpLossGradient(
    loss: number,
    x: number,
    form: number,
    targets: number,
    targetBytes: number,
    classWeights: number,
    parameters: number,
    gradient: number,
    scratch: number,
    isFixed: boolean,
    from: number,
    rows: number,
    dims: number,
    stride: number,
    hidden: number,
    outputs: number,
    slabs: number,
    dropped: number,
    noise: number,
  ): number;
  mlpTrainBlock(
    loss: number,
    x: number,
    form: number,
    targets: number,
    targetBytes: number,
    classWeights: number,
    parameters: number,
    m: number,
    v: number,
    gradient: number,
    scratch: number,
    isFixed: boolean,
    rows: number,
    dims: number,
    stride: number,
    hidden: number,
    outputs: number,
    slabs: number,
    batch: number,
    rate: number,
    decay: number,
    dropped: number,
    seed: number,
    step: number,
  ): number;
}

type LossArgs = [loss: number, x: number, form: number, targets: number, targetBytes: number, classWeights: number];

/** Sizes of the head in the kernels: dims and hidden are multiples of eight. */
interface HeadAttrs {
  readonly dims: number;
  readonly hidden: number;
  readonly outputs: number;
}

const scratchFor = (
  functions: MlpFunctions,
  { form, dims, stride, hidden, outputs }: RowsAttrs & HeadAttrs,
  isFixed = false,
): number => functions.mlpScratch(form, isFixed, dims, stride, hidden, slabsOf(outputs));

/** {x, parameters} → outputs [rows …][slabs · 8]. */
export function mlpOutputs(functions: MlpFunctions) {
  return ({ inputs, backend, attrs }: Call<"x" | "parameters", RowsAttrs & HeadAttrs>): TensorInfo => {
    const slabs = slabsOf(attrs.outputs);
    const rows = paddedRows(attrs.rows);
    const output = backend.makeOutput([rows, slabs * SLAB], "float32");
    const at = addressIn(backend);
    const { form, dims, stride, hidden } = attrs;
    const [x, parameters, out] = [at(inputs.x), at(inputs.parameters), at(output)];
    withScratch(backend, scratchFor(functions, attrs), (scratch) =>
      functions.mlpOutputs(x, form, parameters, out, scratch, rows, dims, stride, hidden, slabs),
    );
    return output;
  };
}

type LossInputs = "x" | "targets" | "parameters" | "classWeights";

function lossArgs({ inputs, backend, attrs }: Call<LossInputs, LossAttrs>): LossArgs {
  const at = addressIn(backend);
  const { loss, form, targetBytes } = attrs;
  return [loss, at(inputs.x), form, at(inputs.targets), targetBytes, at(inputs.classWeights)];
}

/** {x, targets, parameters, classWeights?} → [Σ gradient, Σ loss as two float32 parts, high and low]. */
export function mlpLossGradient(functions: MlpFunctions) {
  return (call: Call<LossInputs, LossAttrs & HeadAttrs>): TensorInfo[] => {
    const { inputs, backend, attrs } = call;
    const { rows, dims, stride, hidden, outputs } = attrs;
    const gradient = zeros(backend, inputs.parameters.shape);
    const at = addressIn(backend);
    const sum = withScratch(backend, scratchFor(functions, attrs), (scratch) =>
      functions.mlpLossGradient(
        ...lossArgs(call),
        at(inputs.parameters),
        at(gradient),
        scratch,
        false,
        0,
        rows,
        dims,
        stride,
        hidden,
        outputs,
        slabsOf(attrs.outputs),
        0,
        0,
      ),
    );
    return [gradient, twoFloats(backend, sum)];
  };
}

interface StepAttrs {
  readonly batch: number;
  readonly rate: number;
  readonly decay: number;
  /** Dropped share of units, times 2^16. */
  readonly dropped: number;
  readonly seed: number;
  readonly step: number;
}

/**
 * {x, targets, parameters, m, v, classWeights?} → [parameters, m, v, Σ loss as two float32 parts], all after the block's steps.
 */
export function mlpTrainBlock(functions: MlpFunctions) {
  return (call: Call<LossInputs | "m" | "v", LossAttrs & HeadAttrs & StepAttrs>): TensorInfo[] => {
    const { inputs, backend, attrs } = call;
    const { rows, dims, stride, hidden, outputs, batch, rate, decay, dropped, seed, step } = attrs;
    const moved = [inputs.parameters, inputs.m, inputs.v].map((vector) => copyOf(backend, vector));
    const gradient = backend.makeOutput(inputs.parameters.shape, "float32");
    const at = addressIn(backend);
    const [parameters, m, v] = moved.map(at) as [number, number, number];
    const isFixed = attrs.form === ROW_FORMS.integers; // rounding is small compared with the noise of a step's rate and batch
    const sum = withScratch(backend, scratchFor(functions, attrs, isFixed), (scratch) =>
      functions.mlpTrainBlock(
        ...lossArgs(call),
        parameters,
        m,
        v,
        at(gradient),
        scratch,
        isFixed,
        rows,
        dims,
        stride,
        hidden,
        outputs,
        slabsOf(attrs.outputs),
        batch,
        rate,
        decay,
        dropped,
        seed,
        step,
      ),
    );
    backend.disposeData(gradient.dataId);
    return [...moved, twoFloats(backend, sum)];
  };
}
