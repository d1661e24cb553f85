// Tables [rows, width] with few bits a number: what an embedding reads one row of.
import { float16ToFloat32, float32ToFloat16 } from "../half-floats.ts";
import { largest, type Tensor } from "../tensor.ts";
import { roundUp } from "./panels.ts";

const MOST_INT8 = 127;
const FLOAT32_BYTES = 4;
const FLOAT16_BYTES = 2;
const ROW_ALIGNMENT = 4;
export const INT4_GROUP = 32;

const int8RowBytes = (width: number): number => roundUp(width + FLOAT32_BYTES, ROW_ALIGNMENT);

/** Each row: `width` int8, then a float32 scale, which may be unaligned. */
export function encodeInt8Rows({ shape, data }: Tensor): Uint8Array {
  const [rows = 0, width = 0] = shape;
  const bytes = int8RowBytes(width);
  const view = new DataView(new ArrayBuffer(rows * bytes));
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * width, (row + 1) * width);
    const scale = Math.fround(largest(values, Math.abs) / MOST_INT8);
    values.forEach((value, at) => {
      view.setInt8(
        row * bytes + at,
        scale === 0 ? 0 : Math.max(-MOST_INT8, Math.min(MOST_INT8, Math.round(value / scale))),
      );
    });
    view.setFloat32(row * bytes + width, scale, true);
  }
  return new Uint8Array(view.buffer);
}

export function decodeInt8Rows(encoded: Uint8Array, [rows = 0, width = 0]: readonly number[]): Float32Array {
  const bytes = int8RowBytes(width);
  const view = new DataView(encoded.buffer, encoded.byteOffset);
  return Float32Array.from({ length: rows * width }, (_, at) => {
    const rowAt = Math.floor(at / width) * bytes;
    return view.getInt8(rowAt + (at % width)) * view.getFloat32(rowAt + width, true);
  });
}

const int4RowBytes = (width: number): number =>
  roundUp(width / 2 + (width / INT4_GROUP) * FLOAT16_BYTES, ROW_ALIGNMENT);

/** Each row: two numbers a byte, the first in the low bits, then a float16 scale of each 32 numbers. */
export function encodeInt4Rows({ shape, data }: Tensor): Uint8Array {
  const [rows = 0, width = 0] = shape;
  const bytes = int4RowBytes(width);
  const view = new DataView(new ArrayBuffer(rows * bytes));
  for (let row = 0; row < rows; row++)
    for (let group = 0; group < width / INT4_GROUP; group++) {
      const from = row * width + group * INT4_GROUP;
      const values = data.subarray(from, from + INT4_GROUP);
      const scaleBits = bestScale(values);
      writeGroup(view, row * bytes + (group * INT4_GROUP) / 2, values, float16ToFloat32(scaleBits));
      view.setUint16(row * bytes + width / 2 + group * FLOAT16_BYTES, scaleBits, true);
    }
  return new Uint8Array(view.buffer);
}

function writeGroup(view: DataView, at: number, values: ArrayLike<number>, scale: number): void {
  for (let pair = 0; pair < INT4_GROUP / 2; pair++) {
    const low = int4Of(values[2 * pair] as number, scale);
    view.setUint8(at + pair, low | (int4Of(values[2 * pair + 1] as number, scale) << 4));
  }
}

const int4Of = (value: number, scale: number): number =>
  scale === 0 ? 8 : Math.max(0, Math.min(15, Math.round(value / scale) + 8));

/** Shares of the range that are tried: cutting off the largest number a little can make all others more exact. */
const SHARES = [1, 0.95, 0.9, 0.85, 0.8, 1.05];

/** The float16 scale with the least squared error. The sign is chosen so that the largest number can be −8 times the scale. */
function bestScale(values: ArrayLike<number>): number {
  let extreme = 0;
  for (let at = 0; at < INT4_GROUP; at++)
    if (Math.abs(values[at] as number) > Math.abs(extreme)) extreme = values[at] as number;
  if (extreme === 0) return 0;
  let best = { bits: 0, error: Number.POSITIVE_INFINITY };
  for (const share of SHARES) {
    const bits = float32ToFloat16((share * extreme) / -8);
    const error = squaredError(values, float16ToFloat32(bits));
    if (error < best.error) best = { bits, error };
  }
  return best.bits;
}

function squaredError(values: ArrayLike<number>, scale: number): number {
  let error = 0;
  for (let at = 0; at < INT4_GROUP; at++) {
    const value = values[at] as number;
    error += (value - (int4Of(value, scale) - 8) * scale) ** 2;
  }
  return error;
}

export function decodeInt4Rows(encoded: Uint8Array, [rows = 0, width = 0]: readonly number[]): Float32Array {
  const bytes = int4RowBytes(width);
  const view = new DataView(encoded.buffer, encoded.byteOffset);
  return Float32Array.from({ length: rows * width }, (_, at) => {
    const rowAt = Math.floor(at / width) * bytes;
    const column = at % width;
    const bits = view.getUint8(rowAt + (column >> 1));
    const scaleAt = rowAt + width / 2 + Math.floor(column / INT4_GROUP) * FLOAT16_BYTES;
    const number = (column % 2 === 0 ? bits & 15 : bits >> 4) - 8;
    return number * float16ToFloat32(view.getUint16(scaleAt, true));
  });
}
