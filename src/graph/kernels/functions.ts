// The functions that .build/kernels/graph.wasm exports, as TypeScript declares them. They take addresses in the memory of a bundle.
import type { WeightFormat } from "../../contract/bundle/bundle.ts";

export interface KernelFunctions {
  quantiseRows(
    x: number,
    smooth: number,
    packed: number,
    units: number,
    rows: number,
    inputs: number,
    most: number,
  ): void;
  /** Overwrites x. */
  roundRows(x: number, packed: number, units: number, rows: number, inputs: number): void;
  packRows(x: number, smooth: number, packed: number, rows: number, inputs: number): void;
  integerProducts(
    packed: number,
    units: number,
    panels: number,
    scales: number,
    bias: number,
    residual: number,
    out: number,
    wide: number,
    rows: number,
    pairs: number,
    outputs: number,
    from: number,
    to: number,
    least: number,
    most: number,
  ): void;
  /** wide: room for one panel, if `panels` are halves; else 0. */
  floatProducts(
    packed: number,
    panels: number,
    wide: number,
    bias: number,
    residual: number,
    out: number,
    rows: number,
    inputs: number,
    outputs: number,
    from: number,
    to: number,
    least: number,
    most: number,
  ): void;
  activate(kind: number, x: number, count: number): void;
  layerNorm(
    x: number,
    residual: number,
    gamma: number,
    beta: number,
    out: number,
    rows: number,
    width: number,
    epsilon: number,
  ): void;
  normalise(x: number, out: number, rows: number, width: number, epsilon: number): void;
  attention(
    query: number,
    key: number,
    value: number,
    out: number,
    scratch: number,
    from: number,
    to: number,
    keys: number,
    width: number,
    rowBytes: number,
    scale: number,
  ): void;
  readRows(
    table: number,
    format: number,
    rowBytes: number,
    ids: number,
    out: number,
    count: number,
    width: number,
  ): void;
  addFollowingRows(
    table: number,
    format: number,
    rowBytes: number,
    scratch: number,
    out: number,
    count: number,
    width: number,
  ): void;
  meanRows(x: number, out: number, rows: number, width: number): void;
  maxRows(x: number, out: number, rows: number, width: number): void;
  add(a: number, b: number, out: number, count: number): void;
  multiply(a: number, b: number, out: number, count: number): void;
  addRow(x: number, row: number, out: number, rows: number, width: number): void;
  gatherWindows(x: number, geometry: number, out: number, from: number, to: number): void;
  poolWindows(x: number, geometry: number, out: number, from: number, to: number, isMax: boolean): void;
  depthwise(
    x: number,
    geometry: number,
    w: number,
    bias: number,
    out: number,
    from: number,
    to: number,
    least: number,
    most: number,
  ): void;
  prepareTransform(scratch: number, fft: number): void;
  logMel(
    samples: number,
    window: number,
    mel: number,
    out: number,
    scratch: number,
    from: number,
    to: number,
    length: number,
    hop: number,
    fft: number,
    bands: number,
    offset: number,
  ): void;
  frameRows(x: number, window: number, out: number, count: number, length: number, hop: number): void;
  /** Overwrites the spectra. */
  roundedBands(
    spectra: number,
    mel: number,
    out: number,
    scratch: number,
    rows: number,
    bins: number,
    bands: number,
    offset: number,
  ): void;
  multiplyRow(x: number, row: number, out: number, rows: number, width: number): void;
}

/** Formats of tables, as the kernels number them. */
export const TABLE_FORMATS: Readonly<Partial<Record<WeightFormat, number>>> = {
  "f32-rows": 0,
  "f16-rows": 1,
  "int8-rows": 2,
  "int4-rows": 3,
};
