// The products of the graph runtime number by number, with the roundings of the kernels: the bits must be equal.
import { encodeWeight } from "../../src/compile/bundle/weight-formats.ts";
import { floats } from "../../src/compile/tensor.ts";

export interface RoundedProduct {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly x: Float32Array;
  /** [inputs][outputs] */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly smooth?: Float32Array;
}

const round = Math.fround;

function nearestEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** A row as integers, and its unit. */
function quantised(row: Float32Array, inputs: number): { readonly integers: number[]; readonly unit: number } {
  const most = Math.min(32_767, Math.floor((2 ** 31 - 1) / (127 * inputs)));
  const size = row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const inverse = size < 1e-30 ? 0 : round(most / size);
  return {
    integers: [...row].map((value) => nearestEven(round(value * inverse))),
    unit: size < 1e-30 ? 0 : round(size / most),
  };
}

/** [rows][outputs] from rows of 16 bits and weights of eight. */
export function integerProduct({ rows, inputs, outputs, x, weights, bias, smooth }: RoundedProduct): Float32Array {
  const { numbers, scales } = eightBits(weights, inputs, outputs);
  const result = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    const row = x.slice(r * inputs, (r + 1) * inputs).map((value, k) => value * (smooth?.[k] ?? 1));
    const { integers, unit } = quantised(row, inputs);
    for (let n = 0; n < outputs; n++) {
      const sum = integers.reduce((total, value, k) => total + value * numbers(k, n), 0);
      const scaled = round(round(sum) * round(unit * (scales[n] as number)));
      result[r * outputs + n] = scaled + (bias[n] as number);
    }
  }
  return result;
}

function eightBits(weights: Float32Array, inputs: number, outputs: number) {
  const bytes = encodeWeight("int8-panels", floats([inputs, outputs], weights)).slice();
  const [pairs, panels] = [Math.ceil(inputs / 2), Math.ceil(outputs / 8)];
  const integers = new Int8Array(bytes.buffer);
  const scales = new Float32Array(bytes.buffer, pairs * 16 * panels);
  const numbers = (k: number, n: number): number =>
    integers[((n >> 3) * pairs + (k >> 1)) * 16 + (n & 7) * 2 + (k & 1)] as number;
  return { numbers, scales };
}

/** [rows][outputs] in float32, each sum in the order of the inputs. */
export function floatProduct({ rows, inputs, outputs, x, weights, bias, smooth }: RoundedProduct): Float32Array {
  const result = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r++)
    for (let n = 0; n < outputs; n++) {
      let sum = 0;
      for (let k = 0; k < inputs; k++) {
        const value = round((x[r * inputs + k] as number) * (smooth?.[k] ?? 1));
        sum = round(sum + round(value * (weights[k * outputs + n] as number)));
      }
      result[r * outputs + n] = sum + (bias[n] as number);
    }
  return result;
}
