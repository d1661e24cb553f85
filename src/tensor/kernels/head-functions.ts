// The functions that .build/kernels/head.wasm exports, as TypeScript declares them.
import type { CurvatureFunctions } from "./curvature.ts";
import type { HashingFunctions } from "./hashing.ts";
import type { MlpFunctions } from "./mlp.ts";

/** The functions take addresses and sizes. Those that compute a loss return it. */
export interface HeadFunctions extends MlpFunctions, CurvatureFunctions, HashingFunctions {
  linearLogits(
    x: number,
    form: number,
    w: number,
    bias: number,
    out: number,
    scratch: number,
    rows: number,
    dims: number,
    stride: number,
    slabs: number,
  ): void;
  linearLossGradient(
    loss: number,
    x: number,
    form: number,
    targets: number,
    targetBytes: number,
    classWeights: number,
    w: number,
    bias: number,
    gradient: number,
    biasGradient: number,
    scratch: number,
    rows: number,
    dims: number,
    stride: number,
    outputs: number,
    slabs: number,
  ): number;
  /** Bytes of scratch for fixed-point products. */
  fixedScratch(dims: number, slabs: number): number;
  fixedLossGradient(
    loss: number,
    x: number,
    targets: number,
    targetBytes: number,
    classWeights: number,
    w: number,
    bias: number,
    gradient: number,
    biasGradient: number,
    scratch: number,
    rows: number,
    dims: number,
    outputs: number,
    slabs: number,
  ): number;
  encodeIntegers(
    x: number,
    mean: number,
    inverse: number,
    out: number,
    rows: number,
    dims: number,
    padded: number,
  ): void;
  scaleRows(
    x: number,
    mean: number,
    inverse: number,
    out: number,
    rows: number,
    dims: number,
    padded: number,
    stride: number,
  ): void;
  widen(x: number, form: number, out: number, rows: number, dims: number): void;
  countNumbers(x: number, count: number): number;
  encodeSparse(x: number, inverse: number, out: number, rows: number, dims: number): void;
  addGram(x: number, form: number, gram: number, scratch: number, rows: number, dims: number, stride: number): void;
  addMoments(x: number, rows: number, dims: number, shift: number, sums: number, squares: number): number;
  addDots(x: number, count: number, bytes: number, y: number, length: number, sums: number): void;
  addTemperedLosses(
    logits: number,
    labels: number,
    rows: number,
    classes: number,
    beta: number,
    sums: number,
    products: number,
    bytes: number,
    totals: number,
  ): void;
  addTemperedSlopes(logits: number, labels: number, rows: number, classes: number, beta: number, slopes: number): void;
  combine(x: number, count: number, bytes: number, factors: number, length: number): void;
  invertRows(matrix: number, inverse: number, dims: number, from: number, count: number): number;
  readNumbers(text: number, end: number, out: number, most: number): number;
  matrixTimesSlabs(matrix: number, w: number, zeros: number, out: number, dims: number, slabs: number): void;
}
