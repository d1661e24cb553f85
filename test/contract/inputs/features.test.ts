// Vectors from callers: which are accepted, and which are refused with a reason.
import { describe, expect, it } from "vitest";
import type { FeaturesInput } from "../../../src/contract/inputs/features.ts";
import { digestOf, type GivenInput, parseInput } from "../../../src/contract/inputs.ts";
import { bytesOf } from "../../../src/core/bytes.ts";
import { parsedInput } from "../../suites/input.suite.ts";

const base64 = (values: readonly number[]): string => btoa(String.fromCharCode(...bytesOf(Float32Array.from(values))));

const parsed = (input: GivenInput): FeaturesInput => parsedInput("features", input, 3) as FeaturesInput;

const digest = (vector: readonly number[] | string) => digestOf(parsed({ features: vector }));

describe("a vector", () => {
  it("is the same input as numbers and as base64 of little-endian float32", async () => {
    const asText = parsed({ features: base64([1, -2.5, 3]) });
    expect(asText.vector).toEqual(Float32Array.of(1, -2.5, 3));
    expect(await digest(base64([1, -2.5, 3]))).toBe(await digest([1, -2.5, 3]));
  });

  it("has one digest for −0 and 0", async () => {
    expect(await digest([0, 1, -0])).toBe(await digest([-0, 1, 0]));
    expect(await digest(base64([-0, 1, -0]))).toBe(await digest([0, 1, 0]));
    expect(Object.is(parsed({ features: [-0, 1, 2] }).vector[0], 0)).toBe(true);
  });

  it("has one digest for numbers that are equal as float32", async () => {
    expect(await digest([0.1, 1, 1e-50])).toBe(await digest([Math.fround(0.1), 1, 0]));
  });

  it("may contain the largest and the smallest float32", () => {
    const most = 3.4028234663852886e38;
    expect(parsed({ features: [most, -most, 2 ** -149] }).vector[2]).toBe(2 ** -149);
  });
});

describe("an invalid vector", () => {
  it.each([
    ["NaN", [1, Number.NaN, 3], "number 1 is not finite"],
    ["Infinity", [1, 2, Number.POSITIVE_INFINITY], "number 2 is not finite"],
    ["−Infinity", [Number.NEGATIVE_INFINITY, 2, 3], "number 0 is not finite"],
    ["1e39, beyond float32", [1e39, 2, 3], "number 0 is not finite"],
    ["too short", [1, 2], "expected 3 numbers, got 2"],
    ["too long", [1, 2, 3, 4], "expected 3 numbers, got 4"],
    ["empty", [], "expected 3 numbers, got 0"],
    ["empty text", "", "expected 3 numbers, got 0"],
    ["NaN in base64", base64([1, Number.NaN, 3]), "number 1 is not finite"],
    ["base64 of another length", base64([1]), "expected 3 numbers, got 1"],
    ["base64 of half a float", "AACAPwAA", "little-endian float32"],
    ["no base64", "not base64!", "little-endian float32"],
    ["a data URL", `data:;base64,${base64([1, 2, 3])}`, "little-endian float32"],
  ] as const)("is refused with the position of the mistake: %s", (_, vector, detail) => {
    const problem = parseInput({ features: vector }, "features", 3);
    expect(problem).toMatchObject({
      code: "invalid_input",
      pointer: "/features",
      detail: expect.stringContaining(detail),
    });
  });
});
