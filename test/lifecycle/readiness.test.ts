// Whether a head can be trained, and the text of the refusal.
import { describe, expect, it } from "vitest";
import type { Target } from "../../src/contract/targets.ts";
import type { Task } from "../../src/contract/tasks.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import {
  assertFolds,
  assertHiddenFits,
  assertTrainable,
  assertUpdateOptions,
  isTrainable,
  type LabelCount,
  warningsOf,
} from "../../src/lifecycle/readiness.ts";

/** The fault that `check` throws; null if it throws none. */
function thrown(check: () => void) {
  try {
    check();
  } catch (error) {
    if (error instanceof Fault) return error.data;
    throw error;
  }
  return null;
}

const faultOf = (counts: readonly LabelCount[], dims = 10, task: Task = "classification", inputs = 100) =>
  thrown(() => assertTrainable({ task, dims, inputs, counts }));

const counts = (...inputs: number[]): LabelCount[] => inputs.map((n, i) => ({ label: `label ${i}`, inputs: n }));

describe("the number of examples", () => {
  it("is too small if there are none", () => {
    expect(faultOf([])).toMatchObject({
      code: "not_enough_examples",
      detail: expect.stringContaining("there are none"),
    });
    expect(faultOf(counts(0, 0))).toMatchObject({ code: "not_enough_examples" });
  });

  it("is too small if all have one label, which is named", () => {
    expect(faultOf(counts(50))?.detail).toContain('only "label 0"');
  });

  it("is too small if a label has one input, and the answer gives the count", () => {
    const fault = faultOf(counts(5, 1, 3));
    expect(fault?.detail).toContain('too few: "label 1" (1)');
    expect(fault?.extensions).toEqual({ labels: [{ label: "label 1", inputs: 1 }] });
  });

  it("is too small if a fixed label has none", () => {
    expect(faultOf(counts(5, 5, 0))?.detail).toContain('"label 2" (0)');
  });

  it("is listed for up to ten labels, and all labels are counted", () => {
    const fault = faultOf(counts(5, 5, ...new Array<number>(14).fill(1)));
    expect(fault?.detail).toContain("and 4 more");
    expect(fault?.extensions?.labels).toHaveLength(14);
  });

  it("is large enough for a multilabel head with two inputs of one label, and too small with one", () => {
    expect(faultOf(counts(2), 10, "multilabel")).toBeNull();
    expect(faultOf(counts(2, 1), 10, "multilabel")?.detail).toContain('"label 1" (1)');
    expect(faultOf([], 10, "multilabel")?.detail).toContain("at least 1 label");
  });

  it("is too small for a regression with fewer than three inputs, which needs no labels", () => {
    expect(faultOf([], 10, "regression", 2)).toMatchObject({
      code: "not_enough_examples",
      detail: expect.stringContaining("there are 2"),
    });
    expect(faultOf([], 10, "regression", 3)).toBeNull();
  });

  it("is large enough with two inputs of two labels", () => {
    expect(faultOf(counts(2, 2))).toBeNull();
  });
});

describe("the number of weights", () => {
  it("is refused above the limit, with the maximum number of labels", () => {
    const many = counts(...new Array<number>(257).fill(2));
    expect(faultOf(many, 4_000)).toMatchObject({
      code: "head_too_large",
      detail: expect.stringContaining("at most 256"),
    });
  });

  it("is within the limit for a thousand labels of texts", () => {
    expect(faultOf(counts(...new Array<number>(1_000).fill(2)), 1_024)).toBeNull();
  });

  it("is accepted at the limit", () => {
    expect(faultOf(counts(...new Array<number>(256).fill(2)), 4_000)).toBeNull();
  });
});

describe("rare labels that a training leaves out", () => {
  const leftOut = (given: readonly LabelCount[], task: Task = "classification") =>
    thrown(() => assertTrainable({ task, dims: 10, inputs: 100, counts: given }, "leave_out"));

  it("do not prevent it if there are enough other labels", () => {
    expect(leftOut(counts(5, 1, 3, 0))).toBeNull();
    expect(leftOut(counts(2, 1), "multilabel")).toBeNull();
  });

  it("stop it if there are too few others, and are named with their counts", () => {
    expect(leftOut(counts(5, 1, 0))?.detail).toContain('only "label 0". Labels with fewer inputs: "label 1" (1)');
    expect(leftOut(counts(1, 1))?.detail).toContain("there are none");
    expect(leftOut(counts(1), "multilabel")).toMatchObject({ code: "not_enough_examples" });
  });

  it("do not count for the limit of labels", () => {
    const many = [...counts(...new Array<number>(125).fill(2)), { label: "rare", inputs: 1 }];
    const dims = Math.floor(LIMITS.headParameters / 125);
    const question = { task: "classification", dims, inputs: 250, counts: many } as const;
    expect(thrown(() => assertTrainable(question, "leave_out"))).toBeNull();
  });
});

describe("warnings", () => {
  const warned = (given: readonly LabelCount[], dims = 10, task: Task = "classification", inputs = 100) =>
    warningsOf({ task, dims, inputs, counts: given });
  const codes = (...args: Parameters<typeof warned>) => warned(...args).map(({ code }) => code);

  it("are empty if every label can be learnt", () => {
    expect(warned(counts(2, 2))).toEqual([]);
    expect(warned([], 10, "regression", 3)).toEqual([]);
  });

  it("name rare labels, which do not prevent a training that leaves them out", () => {
    const [rare, ...more] = warned(counts(5, 1, 3));
    expect(rare).toMatchObject({ code: "rare_labels", detail: expect.stringContaining('"label 1" (1)') });
    expect(more).toEqual([]);
    expect(isTrainable(warned(counts(5, 1, 3)))).toBe(true);
  });

  it("name what prevents every training", () => {
    expect(codes(counts(5, 1))).toEqual(["not_enough_examples"]);
    expect(codes([], 10, "regression", 2)).toEqual(["not_enough_examples"]);
    const many = counts(...new Array<number>(LIMITS.labelsPerHead).fill(2));
    const dims = Math.floor(LIMITS.headParameters / LIMITS.labelsPerHead);
    expect(codes(many, dims)).toEqual([]);
    expect(codes(many, dims + 1)).toEqual(["head_too_large"]);
    expect(isTrainable(warned(many, dims + 1))).toBe(false);
  });
});

describe("splits given by the caller", () => {
  const a: Target = { label: "a" };
  const b: Target = { label: "b" };
  const check = (
    parts: readonly (number | "test")[],
    targets: readonly Target[],
    rounds: number,
    task: Task = "classification",
  ) =>
    thrown(() => {
      const rows = targets.map((target) => ({ target }));
      assertFolds(task, task === "regression" ? [] : ["a", "b"], { parts, rounds }, rows);
    });

  it("are accepted if every label has training rows and some row is held out", () => {
    expect(check([0, 1, 0, 2], [a, a, b, b], 1)).toBeNull();
    expect(check([0, 1, 2, 3], [a, a, b, b], 5)).toBeNull();
  });

  it("are refused if a label occurs only in the single held-out fold, and the label is named", () => {
    const fault = check([1, 2, 0, 0], [a, a, b, b], 1);
    expect(fault).toMatchObject({ code: "not_enough_examples", detail: expect.stringContaining('"b"') });
    expect(fault?.extensions).toEqual({ labels: [{ label: "b", inputs: 0 }] });
  });

  it("are refused if a label occurs only in the test rows", () => {
    expect(check([0, 1, "test"], [a, a, b], 5)?.extensions).toEqual({ labels: [{ label: "b", inputs: 0 }] });
  });

  it("are refused if no row is held out", () => {
    expect(check([1, 2, 3, 4], [a, a, b, b], 1)?.detail).toContain("no examples to validate on");
  });

  it("are refused for a regression if all rows are held out, or none", () => {
    const values = [{ value: 1 }, { value: 2 }];
    expect(check([0, 0], values, 1, "regression")?.detail).toContain("no examples to train on. Mark");
    expect(check([1, 2], values, 1, "regression")?.detail).toContain("no examples to validate on");
    expect(check([0, 1], values, 1, "regression")).toBeNull();
  });
});

describe("options", () => {
  it("are refused if a hidden layer has too many weights, to the features or to the labels", () => {
    expect(thrown(() => assertHiddenFits({ hidden_units: 1_024 }, 4_096, 2))).toMatchObject({ code: "head_too_large" });
    expect(thrown(() => assertHiddenFits({ hidden_units: 1_024 }, 8, 1_000))?.detail).toContain("at most");
    expect(thrown(() => assertHiddenFits({ hidden_units: 128 }, 384, 77))).toBeNull();
    expect(thrown(() => assertHiddenFits({}, 4_096, 1_000))).toBeNull();
  });

  it("are refused by name if an update takes them from its base, but only for an update", () => {
    const options = { l2: 1, learning_curve: true };
    const fault = thrown(() => assertUpdateOptions({ recipe: "update", options }));
    expect(fault?.errors?.map(({ pointer }) => pointer)).toEqual(["/options/l2", "/options/learning_curve"]);
    expect(thrown(() => assertUpdateOptions({ recipe: "linear", options }))).toBeNull();
  });
});
