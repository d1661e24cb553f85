// The bytes of a weight in each format, as the contract of bundles defines them.
import type { WeightFormat } from "../../contract/bundle/bundle.ts";
import { must } from "../bundle-problem.ts";
import { shown } from "../extent.ts";

const PANEL = 8;
const WIDTH_OF_SCALE = 32;

const upTo = (multiple: number, count: number): number => Math.ceil(count / multiple) * multiple;

/** Bytes from one row of a table to the next. */
export function tableRowBytes(format: WeightFormat, width: number): number {
  switch (format) {
    case "f32-rows":
      return 4 * width;
    case "f16-rows":
      return 2 * width;
    case "int8-rows":
      return upTo(4, width + 4);
    default:
      return upTo(4, width / 2 + (2 * width) / WIDTH_OF_SCALE);
  }
}

const rowsBytes =
  (format: WeightFormat) =>
  (rows: number, width: number): number =>
    rows * tableRowBytes(format, width);

/** Bytes of a matrix [rows, columns]. */
const MATRIX_BYTES: Readonly<Record<Exclude<WeightFormat, "f32">, (rows: number, columns: number) => number>> = {
  "f32-panels": (rows, columns) => 4 * rows * upTo(PANEL, columns),
  "f16-panels": (rows, columns) => 2 * rows * upTo(PANEL, columns),
  "int8-panels": (rows, columns) => (upTo(2, rows) + 4) * upTo(PANEL, columns),
  "f32-rows": rowsBytes("f32-rows"),
  "f16-rows": rowsBytes("f16-rows"),
  "int8-rows": rowsBytes("int8-rows"),
  "int4-rows": rowsBytes("int4-rows"),
};

export function weightBytes(format: WeightFormat, shape: readonly number[]): number {
  if (format === "f32") return shape.reduce((bytes, size) => bytes * size, 4);
  const [rows = 0, columns = 0] = shape;
  must(shape.length === 2, `${shown(shape)} is not a matrix, which ${format} needs`);
  must(format !== "int4-rows" || columns % WIDTH_OF_SCALE === 0, `int4-rows need rows of a multiple of 32 numbers`);
  return MATRIX_BYTES[format](rows, columns);
}
