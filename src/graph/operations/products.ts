// The product of rows with a matrix of weights, as `linear` and `conv` need it: a chunk of rows at a time, each packed once for all
// panels.
import { ACTIVATIONS, type Activation } from "../../contract/bundle/operations.ts";
import { BYTES_OF_NUMBER, paddedRows } from "../extent.ts";
import type { KernelFunctions } from "../kernels/functions.ts";
import { activationCost, boundsOf, isBound } from "./activation.ts";
import { FLOAT_PRODUCT, itemsAStep, NUMBER, PACKED_NUMBER } from "./costs.ts";
import { addressOf, type Forward, type Node, type PlacedWeight, type WeightRule } from "./operation.ts";

/** Outputs of a panel. */
const PANEL = 8;
/** Packed rows of a chunk stay in the second cache. More rows make weights that are read once for each chunk cheaper. */
const MOST_ROWS = 64;
const MOST_PACKED_BYTES = 256 * 1024;
const MOST_INTEGER = 32_767;
const MOST_WEIGHT = 127;

export const PANELS = { formats: ["int8-panels", "f16-panels", "f32-panels"] } as const satisfies WeightRule;

export interface Product {
  readonly weight: PlacedWeight;
  readonly inputs: number;
  readonly outputs: number;
  /** Addresses; 0: absent. */
  readonly bias: number;
  readonly smooth: number;
  readonly activation: Activation;
  /** Whether rows are rounded to 8 bits, which overwrites them, rather than to 16. Only for int8-panels. */
  readonly isRounded?: boolean;
}

export function productOf({ weights, attributes }: Node<"linear" | "conv">): Product {
  const weight = weights.weight as PlacedWeight;
  const [inputs, outputs] = weight.shape as [number, number];
  const { activation } = attributes;
  const [bias, smooth] = [addressOf({ weights }, "bias"), addressOf({ weights }, "smooth")];
  return { weight, inputs, outputs, bias, smooth, activation };
}

const isInteger = ({ weight }: Product): boolean => weight.format === "int8-panels";
const panelsOf = ({ outputs }: Product): number => Math.ceil(outputs / PANEL);
const panelCost = ({ inputs, weight }: Product): number =>
  inputs * PANEL * (weight.format === "int8-panels" ? 1 : FLOAT_PRODUCT);

/** The work of one row beside its products: to pack it, and to finish its outputs. */
const besidePanels = ({ inputs, outputs, activation }: Product): number =>
  inputs * PACKED_NUMBER + outputs * (NUMBER + activationCost(activation));

const rowCost = (product: Product): number => panelsOf(product) * panelCost(product) + besidePanels(product);

/** The work of `rows` rows. */
export const productCost = (product: Product, rows: number): number => paddedRows(rows) * rowCost(product);

/** The largest integer of a row, so that no sum of its products with weights overflows 32 bits. */
const mostInteger = (inputs: number): number =>
  Math.min(MOST_INTEGER, Math.floor((2 ** 31 - 1) / (MOST_WEIGHT * inputs)));

/** Rows of a chunk: a multiple of four. */
export function rowsAtOnce(product: Product): number {
  const fours = Math.floor(MOST_PACKED_BYTES / packedBytes(product, 4));
  return Math.min(MOST_ROWS, 4 * Math.max(1, fours));
}

const packedBytes = (product: Product, rows: number): number =>
  rows * (product.inputs + 1) * (isInteger(product) ? 2 : BYTES_OF_NUMBER);

/** Scratch: packed rows, then their units, then one panel with wider numbers. */
export const productScratch = (product: Product): number =>
  packedBytes(product, rowsAtOnce(product)) + BYTES_OF_NUMBER * (MOST_ROWS + PANEL * (product.inputs + 1));

/** Addresses of a product's rows. */
export interface ProductRows {
  readonly x: number;
  /** 0: none. */
  readonly residual: number;
  readonly out: number;
  readonly rows: number;
  readonly scratch: number;
}

/** out = activation(x · weight + bias) + residual, for all rows. Writes rows up to a multiple of four. */
export function* multiplyRows(kernels: KernelFunctions, product: Product, at: ProductRows): Forward {
  const { inputs, outputs } = product;
  const most = rowsAtOnce(product);
  for (let from = 0; from < at.rows; from += most) {
    const beside = from * outputs * BYTES_OF_NUMBER;
    yield* multiplyChunk(kernels, product, {
      x: at.x + from * inputs * BYTES_OF_NUMBER,
      residual: at.residual === 0 ? 0 : at.residual + beside,
      out: at.out + beside,
      rows: Math.min(most, at.rows - from),
      scratch: at.scratch,
    });
  }
}

/** The same for at most `rowsAtOnce` rows. */
export function* multiplyChunk(kernels: KernelFunctions, product: Product, chunk: ProductRows): Forward {
  const { outputs, activation } = product;
  const { out, residual } = chunk;
  const rows = paddedRows(chunk.rows);
  pack(kernels, product, chunk);
  const panels = panelsOf(product);
  const atOnce = itemsAStep(rows * panelCost(product));
  for (let from = 0; from < panels; from += atOnce) {
    const to = Math.min(panels, from + atOnce);
    multiplyPanels(kernels, product, chunk, from, to);
    if (to < panels) yield rows * panelCost(product) * (to - from);
  }
  if (!isBound(activation)) {
    kernels.activate(ACTIVATIONS.indexOf(activation), out, rows * outputs);
    if (residual !== 0) kernels.add(out, residual, out, rows * outputs);
  }
  const last = panels - Math.floor((panels - 1) / atOnce) * atOnce;
  yield rows * (panelCost(product) * last + besidePanels(product));
}

const unitsIn = (product: Product, { scratch, rows }: ProductRows): number =>
  scratch + packedBytes(product, paddedRows(rows));

function pack(kernels: KernelFunctions, product: Product, chunk: ProductRows): void {
  const { inputs, smooth } = product;
  const { x, scratch, rows } = chunk;
  if (product.isRounded) kernels.roundRows(x, scratch, unitsIn(product, chunk), rows, inputs);
  else if (isInteger(product))
    kernels.quantiseRows(x, smooth, scratch, unitsIn(product, chunk), rows, inputs, mostInteger(inputs));
  else kernels.packRows(x, smooth, scratch, rows, inputs);
}

function multiplyPanels(
  kernels: KernelFunctions,
  product: Product,
  chunk: ProductRows,
  from: number,
  to: number,
): void {
  const { weight, inputs, outputs, bias, activation } = product;
  const { scratch, out } = chunk;
  const residual = isBound(activation) ? chunk.residual : 0;
  const rows = paddedRows(chunk.rows);
  const [least, most] = boundsOf(activation);
  const units = unitsIn(product, chunk);
  const wide = units + BYTES_OF_NUMBER * MOST_ROWS;
  const panels = weight.address;
  if (isInteger(product)) {
    const pairs = Math.ceil(inputs / 2);
    const scales = panels + panelsOf(product) * pairs * 2 * PANEL;
    kernels.integerProducts(
      scratch,
      units,
      panels,
      scales,
      bias,
      residual,
      out,
      wide,
      rows,
      pairs,
      outputs,
      from,
      to,
      least,
      most,
    );
  } else {
    const room = weight.format === "f16-panels" ? wide : 0;
    kernels.floatProducts(scratch, panels, room, bias, residual, out, rows, inputs, outputs, from, to, least, most);
  }
}
