// Whether a head can be trained, and what the refusal says.
import { describe, expect, test } from "vitest";
import { Fault } from "../../src/core/problems.ts";
import { assertTrainable, type LabelCount } from "../../src/lifecycle/readiness.ts";

function faultOf(counts: readonly LabelCount[], dims = 10) {
  try {
    assertTrainable(counts, dims);
  } catch (error) {
    if (error instanceof Fault) return error.data;
    throw error;
  }
  return null;
}

const counts = (...inputs: number[]): LabelCount[] => inputs.map((n, i) => ({ label: `label ${i}`, inputs: n }));

describe("too few examples", () => {
  test("are refused when there are none at all", () => {
    expect(faultOf([])).toMatchObject({
      code: "not_enough_examples",
      detail: expect.stringContaining("there are none"),
    });
    expect(faultOf(counts(0, 0))).toMatchObject({ code: "not_enough_examples" });
  });

  test("are refused when all have one label, which is named", () => {
    expect(faultOf(counts(50))?.detail).toContain('only "label 0"');
  });

  test("are refused when a label has one input, with its count", () => {
    const fault = faultOf(counts(5, 1, 3));
    expect(fault?.detail).toContain('too few: "label 1" (1)');
    expect(fault?.extensions).toEqual({ labels: [{ label: "label 1", inputs: 1 }] });
  });

  test("are refused when a fixed label has none", () => {
    expect(faultOf(counts(5, 5, 0))?.detail).toContain('"label 2" (0)');
  });

  test("are listed ten at most, and counted", () => {
    const fault = faultOf(counts(5, 5, ...new Array<number>(14).fill(1)));
    expect(fault?.detail).toContain("and 4 more");
    expect(fault?.extensions?.labels).toHaveLength(14);
  });

  test("are enough at two inputs of two labels", () => {
    expect(faultOf(counts(2, 2))).toBeNull();
  });
});

describe("a head of too many weights", () => {
  test("is refused, with the most labels that fit", () => {
    const many = counts(...new Array<number>(126).fill(2));
    expect(faultOf(many, 4_000)).toMatchObject({
      code: "head_too_large",
      detail: expect.stringContaining("at most 125"),
    });
  });

  test("is taken at the most", () => {
    expect(faultOf(counts(...new Array<number>(125).fill(2)), 4_000)).toBeNull();
  });
});
