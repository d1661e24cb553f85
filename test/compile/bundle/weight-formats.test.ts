// The formats of weights: every byte where the bundle says, and numbers that come back.
import { describe, expect, it } from "vitest";
import { decodeWeight, encodeWeight } from "../../../src/compile/bundle/weight-formats.ts";
import { float16ToFloat32, float32ToFloat16 } from "../../../src/compile/half-floats.ts";
import { floats, largest, type Tensor } from "../../../src/compile/tensor.ts";
import { WEIGHT_FORMATS, type WeightFormat } from "../../../src/contract/bundle/bundle.ts";
import { noise } from "../graphs.ts";

/** The largest error, as a share of the largest number. */
function errorOf(format: WeightFormat, tensor: Tensor): number {
  const { data } = decodeWeight(format, encodeWeight(format, tensor), tensor.shape);
  const errors = Array.from(tensor.data, (value, at) => value - (data[at] as number));
  return largest(errors, Math.abs) / largest(tensor.data, Math.abs);
}

const MOST_ERROR: Readonly<Record<WeightFormat, number>> = {
  f32: 0,
  "f32-rows": 0,
  "f32-panels": 0,
  "f16-rows": 0.0005,
  "f16-panels": 0.0005,
  "int8-panels": 0.5 / 127 + 1e-6,
  "int8-rows": 0.5 / 127 + 1e-6,
  "int4-rows": 0.21,
};

describe.each(WEIGHT_FORMATS)("%s", (format) => {
  it("gives the numbers back as exactly as its bits allow, also where panels are not full", () => {
    expect(errorOf(format, noise(5, 64))).toBeLessThanOrEqual(MOST_ERROR[format]);
    const isRows = format === "int4-rows";
    expect(errorOf(format, isRows ? noise(3, 32) : noise(7, 11))).toBeLessThanOrEqual(MOST_ERROR[format]);
  });

  it("keeps zeros", () => {
    expect(Array.from(decodeWeight(format, encodeWeight(format, floats([2, 32])), [2, 32]).data)).toEqual(
      new Array(64).fill(0),
    );
  });
});

it("puts pairs of inputs beside each other for each of eight outputs, and the scales behind all panels", () => {
  // [3 inputs, 9 outputs]: the numbers of each output reach 127.
  const matrix = floats(
    [3, 9],
    Float32Array.from({ length: 27 }, (_, at) => (at < 9 ? 127 : Math.floor(at / 9) * 10 + (at % 9))),
  );
  const bytes = encodeWeight("int8-panels", matrix);
  const numbers = new Int8Array(bytes.buffer);
  expect(bytes.length).toBe(64 + 16 * 4);
  expect([...numbers.subarray(0, 4)]).toEqual([127, 10, 127, 11]);
  expect([...numbers.subarray(16, 20)]).toEqual([20, 0, 21, 0]);
  expect([...numbers.subarray(32, 36)]).toEqual([127, 18, 0, 0]);
  expect([...new Float32Array(bytes.buffer, 64)]).toEqual([...new Array(9).fill(1), ...new Array(7).fill(0)]);
});

it("puts the first of two numbers into the low four bits, and the scales behind the row", () => {
  const row = floats(
    [1, 32],
    Float32Array.from({ length: 32 }, (_, at) => (at === 0 ? -8 : at % 8)),
  );
  const bytes = encodeWeight("int4-rows", row);
  expect(bytes.length).toBe(20);
  expect([bytes[0], bytes[1], bytes[3]]).toEqual([0 | (9 << 4), 10 | (11 << 4), 14 | (15 << 4)]);
  expect(float16ToFloat32((bytes[16] as number) | ((bytes[17] as number) << 8))).toBe(1);
});

it("does not round weights that were int8 before a second time", () => {
  const scale = 0.0039;
  const matrix = floats(
    [40, 3],
    Float32Array.from({ length: 120 }, (_, at) => ((at * 37) % 90) * scale - 45 * scale),
  );
  expect(errorOf("int8-panels", matrix)).toBeLessThan(1e-6);
});

describe("float16", () => {
  it("comes back the same from every one of its numbers", () => {
    const wrong = Array.from({ length: 0x7c00 }, (_, bits) => bits).filter(
      (bits) => float32ToFloat16(float16ToFloat32(bits)) !== bits,
    );
    expect(wrong).toEqual([]);
  });

  it("rounds halves to even, and what is too large to infinity", () => {
    expect(float16ToFloat32(float32ToFloat16(1 + 2 ** -11))).toBe(1);
    expect(float16ToFloat32(float32ToFloat16(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(float16ToFloat32(float32ToFloat16(-70_000))).toBe(Number.NEGATIVE_INFINITY);
  });
});
