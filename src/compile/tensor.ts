// Tensors of the compiler: constants of a model, and what the interpreter computes.
import { CompileError } from "./compile-error.ts";

/** Integers of any width are `int`. Their numbers are exact up to 2^53. */
export type ElementType = "f32" | "int" | "bool";
export type Numbers = Float32Array | Float64Array | Int32Array | Int8Array | Uint8Array;

/** The largest of the numbers, or of their sizes without sign. */
export function largest(values: ArrayLike<number>, sizeOf: (value: number) => number = (value) => value): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < values.length; at++) most = Math.max(most, sizeOf(values[at] as number));
  return most;
}

export interface Tensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Numbers;
}

const MOST_ELEMENTS = 2 ** 28;
const MOST_AXES = 8;

/** The number of elements. Shapes come from files: checks them before memory is spent. */
export function elementsOf(shape: readonly number[], place: string): number {
  const bad = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (bad !== undefined) throw new CompileError(place, `a tensor has an axis of size ${bad}`);
  const count = countOf(shape);
  if (shape.length > MOST_AXES || count > MOST_ELEMENTS) {
    const limits = `at most ${MOST_AXES} axes and ${MOST_ELEMENTS} elements are read`;
    throw new CompileError(place, `a tensor has the shape [${shape.join(", ")}]; ${limits}`);
  }
  return count;
}

export const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export const floats = (shape: readonly number[], data: Float32Array = new Float32Array(countOf(shape))): Tensor => ({
  type: "f32",
  shape,
  data,
});

export const integers = (shape: readonly number[], values: ArrayLike<number>): Tensor => ({
  type: "int",
  shape,
  data: Float64Array.from(values),
});

/** The numbers as float32: the same array where they are already. */
export const float32Of = ({ data }: Tensor): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data);

/** [rows, columns] → [columns, rows] */
export function transposed({ shape, data }: Tensor): Tensor {
  const [rows = 0, columns = 0] = shape;
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = data[row * columns + column] as number;
  return floats([columns, rows], result);
}
