// The record codec: decoding restores what was encoded, to the bit.
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/core/bytes.ts";
import { decodeRecord, encodeRecord, RecordReader, recordPieces } from "../../src/core/record.ts";
import { normals, seededRandom } from "../support/random.ts";

const roundTrip = <T>(record: T): T => decodeRecord<T>(encodeRecord(record));

describe("a record", () => {
  it("restores nested scalars, arrays and objects", () => {
    const record = {
      a: null,
      b: [1, -0.5, true, "x"],
      c: { d: [], e: {} },
      f: "emoji 🏺, NUL \0, quote \"'",
      g: 1e300,
    };
    expect(roundTrip(record)).toEqual(record);
  });

  it("restores every kind of array with its type and its bits", () => {
    const record = {
      floats: Float32Array.of(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 0.1),
      doubles: Float64Array.of(-0, 5e-324, Number.MAX_VALUE, Math.PI),
      integers: Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0),
      empty: new Float32Array(),
    };
    const back = roundTrip(record);
    expect(back).toEqual(record);
    expect(Object.is(back.floats[1], -0)).toBe(true);
    expect(back.doubles).toBeInstanceOf(Float64Array);
    expect(back.integers).toBeInstanceOf(Int32Array);
  });

  it("keeps float64 scalars exact", () => {
    const random = seededRandom(1);
    const numbers = Array.from({ length: 1_000 }, () => random.normal() * 10 ** (random.below(40) - 20));
    expect(roundTrip(numbers)).toEqual(numbers);
  });

  it("aligns arrays of odd lengths, in any order", () => {
    const random = seededRandom(2);
    const arrays = Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0 ? normals(random, random.below(9)) : Float64Array.from(normals(random, random.below(9))),
    );
    expect(roundTrip({ name: "x".repeat(random.below(9)), arrays })).toMatchObject({ arrays });
  });

  it("stores a view's own values, not the buffer behind it", () => {
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    expect(roundTrip(view)).toEqual(Float32Array.of(1, 2));
    expect(encodeRecord(view)).toEqual(encodeRecord(Float32Array.of(1, 2)));
  });

  it.each([1, 7, 8, 64, 1_000, 100_000])("has the same bytes in pieces of %i bytes as in one piece", (size) => {
    const record = {
      name: "pieces",
      empty: new Float32Array(),
      long: normals(seededRandom(3), 301),
      odd: Int32Array.of(1, 2, 3),
      doubles: Float64Array.of(1, Math.PI),
    };
    const pieces = [...recordPieces(record, size)];
    expect(concatBytes(pieces)).toEqual(encodeRecord(record));
    expect(pieces.slice(0, -1).every(({ byteLength }) => byteLength === size)).toBe(true);
  });

  it("decodes from a view at an odd offset, and does not keep a reference to it", () => {
    const bytes = encodeRecord({ w: Float32Array.of(1, 2) });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const decoded = decodeRecord<{ w: Float32Array }>(shifted.subarray(3));
    shifted.fill(0);
    expect(decoded.w).toEqual(Float32Array.of(1, 2));
  });

  it("is encoded to the same bytes each time", () => {
    const record = () => ({ a: 1, w: Float32Array.of(1, 2), l: ["x"] });
    expect(encodeRecord(record())).toEqual(encodeRecord(record()));
    expect(encodeRecord(roundTrip(record()))).toEqual(encodeRecord(record()));
  });

  it("holds ten million numbers", () => {
    const big = new Float32Array(10_000_000).fill(0.5);
    big[big.length - 1] = 7;
    const back = roundTrip({ big }).big;
    expect([back.length, back[0], back.at(-1)]).toEqual([10_000_000, 0.5, 7]);
  });
});

describe("decoding in pieces", () => {
  it.each([1, 3, 64, 1_000])("restores the same record from pieces of %i bytes", (size) => {
    const record = { a: normals(seededRandom(4), 57), b: ["x", { c: Float64Array.of(1, 2) }], d: Int32Array.of(7) };
    const reader = new RecordReader<typeof record>();
    for (const piece of recordPieces(record, size)) reader.add(piece);
    expect(reader.record()).toEqual(record);
  });

  it("refuses a record that ends within its header", () => {
    const reader = new RecordReader();
    reader.add(encodeRecord({ a: 1 }).subarray(0, 6));
    expect(() => reader.record()).toThrow("ends within its header");
  });
});

it("the encoder stores an array that occurs twice once, and the decoder restores it as one array", () => {
  const array = normals(seededRandom(5), 1_000);
  const twice = { first: array, second: [array] };
  expect(encodeRecord(twice).byteLength).toBeLessThan(1.5 * array.byteLength);
  const back = roundTrip(twice);
  expect(back).toEqual(twice);
  expect(back.second[0]).toBe(back.first);
});

it("the encoder refuses a number that is not finite among a thousand that are", () => {
  const counts: number[] = Array.from({ length: 1_000 }, (_, i) => i);
  expect(roundTrip({ counts })).toEqual({ counts });
  counts[500] = Number.NaN;
  expect(() => encodeRecord({ counts })).toThrow("not finite");
});
