// How many rows and bytes a value has for given inputs. Its rows are those of all inputs, one after another.
import type { Size } from "../contract/bundle/bundle.ts";

export type Shape = readonly Size[];

/** The inputs of a run. */
export interface Extent {
  readonly batch: number;
  /** Tokens of each input; empty where the bundle has no tokens. */
  readonly lengths: readonly number[];
  /** Tokens of all inputs. */
  readonly tokens: number;
}

export const extentOf = (batch: number, lengths: readonly number[]): Extent => ({
  batch,
  lengths,
  tokens: lengths.reduce((sum, length) => sum + length, 0),
});

/** Numbers of a row: the last size; ids have rows of one. */
export function widthOf(shape: Shape): number {
  const last = shape.at(-1);
  return typeof last === "number" ? last : 1;
}

/** Rows of one input, unless these are tokens: positions of an image, or one. */
export const rowsPerInput = (shape: Shape): number =>
  shape.slice(1, -1).reduce<number>((rows, size) => (typeof size === "number" ? rows * size : rows), 1);

export const hasTokens = (shape: Shape): boolean => shape[1] === "tokens";

export const rowsOf = (shape: Shape, { batch, tokens }: Extent): number =>
  hasTokens(shape) ? tokens : batch * rowsPerInput(shape);

/** Products process four rows at a time, and write all of them: up to three more than there are. */
export const paddedRows = (rows: number): number => Math.ceil(rows / 4) * 4;
const MORE_ROWS = 3;

export const BYTES_OF_NUMBER = 4;
const ALIGNMENT = 64;

export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export const bytesOf = (shape: Shape, extent: Extent): number =>
  aligned((rowsOf(shape, extent) + MORE_ROWS) * widthOf(shape) * BYTES_OF_NUMBER);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, at) => size === b[at]);

export const shown = (shape: Shape): string => `[${shape.join(", ")}]`;
