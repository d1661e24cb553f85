// Vectors parsed from JSON in place: the bits of the general parser, or no result, for any text.
import { describe, expect, it } from "vitest";
import { readVector } from "../../src/backbones/vector-memory.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { type Random, seededRandom } from "../support/random.ts";

const parsed = (json: string): Float32Array => new Float32Array(JSON.parse(json));
const read = (json: string) => readVector(utf8(json), 1);

/** The bits: −0 differs from 0. */
const bitsOf = (vector: Float32Array): Int32Array => new Int32Array(vector.buffer, vector.byteOffset, vector.length);

function expectAsParsed(json: string): void {
  const vector = read(json);
  expect(vector, json).not.toBeNull();
  expect(bitsOf(vector?.vector as Float32Array), json).toEqual(bitsOf(parsed(json)));
  expect(vector?.end).toBe(json.length);
}

const LENGTH = 384;
const listOf = (random: Random, draw: (random: Random) => number): string =>
  JSON.stringify(Array.from({ length: LENGTH }, () => draw(random)));

describe("a number in a form that clients write", () => {
  it.each<[string, (random: Random) => number]>([
    ["float32 as float64", ({ normal }) => Math.fround(normal())],
    ["float64", ({ normal }) => normal()],
    ["small", ({ normal }) => Math.fround(normal() / 1_000)],
    ["rounded to six places", ({ normal }) => Number(normal().toFixed(6))],
    ["with exponents", ({ normal }) => normal() * 1e-9],
    ["whole", ({ normal }) => Math.round(1e6 * normal())],
  ])("has the bits that the general parser gives: %s", (_, draw) => {
    const random = seededRandom(3);
    for (let i = 0; i < 50; i++) expectAsParsed(listOf(random, draw));
  });

  it.each([
    ...[
      "0",
      "-0",
      "0.0",
      "-0.0e0",
      "1",
      "-1",
      "10",
      "123456789",
      "0.1",
      "1.5",
      "-2.25",
      "1e3",
      "1E-3",
      "1e+3",
      "12.5e01",
    ],
    ...["0.3333333333333333", "0.1111111111111111111", "0.0000000000000000012345678901234", "9.999999999999999999999"],
    ...["3.4028234e22", "1e22", "1e-22", "999999999.9999999999999999"],
  ])("has these bits alone, first and last in a vector: %s", (number) => {
    for (const json of [`[${number}]`, `[${number},7]`, `[7,${number}]`, `[ ${number}\t,\r\n${number} ]`])
      expectAsParsed(json);
  });

  it("has these bits for all combinations of digits, points and exponents", () => {
    const { below } = seededRandom(5);
    const upTo = (most: number): number => below(most + 1);
    const digits = (count: number): string => Array.from({ length: count }, () => upTo(9)).join("");
    let taken = 0;
    for (let i = 0; i < 20_000; i++) {
      const whole = upTo(1) ? "0" : `${1 + upTo(8)}${digits(upTo(10))}`;
      const fraction = upTo(3) ? `.${"0".repeat(upTo(3) ? 0 : upTo(20))}${digits(1 + upTo(20))}` : "";
      const exponent = upTo(2) ? "" : `${"eE"[upTo(1)]}${["", "+", "-"][upTo(2)]}${digits(1 + upTo(1))}`;
      const json = `[${upTo(1) ? "-" : ""}${whole}${fraction}${exponent}]`;
      const vector = read(json)?.vector;
      if (!vector) continue;
      taken++;
      expect(bitsOf(vector), json).toEqual(bitsOf(parsed(json)));
    }
    expect(taken).toBeGreaterThan(12_000);
  });

  it("is left to the general parser if two float32 values are almost equally near, and is parsed if one is slightly nearer", () => {
    const { normal } = seededRandom(7);
    for (let i = 0; i < 500; i++) {
      const below = Math.abs(Math.fround(normal()));
      const [bits] = new Uint32Array(Float32Array.of(below).buffer) as unknown as [number];
      const [above] = new Float32Array(Uint32Array.of(bits + 1).buffer) as unknown as [number];
      const middle = (below + above) / 2;
      expect(read(`[${middle}]`), String(middle)).toBeNull();
      for (const aside of [1 - 1e-14, 1 + 1e-14]) expectAsParsed(`[${middle * aside}]`);
    }
  });
});

describe("a vector in an unusual form", () => {
  it.each([
    ...["[]", "[ ]", "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[[1]]", '["1"]', "[true]", "[null]", "[NaN]", "[{}]"],
    ...[
      "[01]",
      "[-01]",
      "[00]",
      "[+1]",
      "[.5]",
      "[1.]",
      "[-]",
      "[--1]",
      "[1e]",
      "[1e+]",
      "[1.e1]",
      "[0x1]",
      "[1_0]",
      "[1.5.2]",
    ],
    ...["[1e1.5]", "[- 1]", "[1\u00a0]", "[1\u0000]", "[１]", "[1/*]*/]"],
    ...["[1234567890]", "[1e23]", "[1e-23]", "[1e300]", "[1e1000]", `[0.${"1".repeat(32)}]`, `[0.${"0".repeat(40)}1]`],
  ])("is left to the general parser: %s", (json) => {
    expect(read(json)).toBeNull();
  });

  it.each(["[1", "[1,", "[1.5", "[", "[1e"])("is left to the general parser if the text ends too soon: %s", (json) => {
    expect(read(json)).toBeNull();
  });

  it("is left to the general parser if it has more numbers than a vector may have", () => {
    const ones = (count: number, one = "1"): string => `[${Array(count).fill(one).join(",")}]`;
    expectAsParsed(ones(LIMITS.dimensions));
    expect(read(ones(LIMITS.dimensions + 1))).toBeNull();
    expect(read(ones(LIMITS.dimensions, `1${" ".repeat(40)}`))).toBeNull();
  });
});

it("the parser gives the same vector whatever it parsed before", () => {
  read(`[${"1234567.1234567890123456,".repeat(1_000)}1]`);
  expectAsParsed("[1]");
  expectAsParsed("[0.5,2]");
});

it("the parser reads a vector from the middle of a text, up to the first closing bracket", () => {
  const json = utf8('{"features":[1,2],"more":[3]}');
  expect(readVector(json, 13)).toEqual({ vector: Float32Array.of(1, 2), end: 17 });
});
