// The plan of a training, decided by the request, the rows and their folds.
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { type PlanRequest, planTraining } from "../../src/engine/plan.ts";

const REQUEST: PlanRequest = {
  task: "classification",
  recipe: "auto",
  dims: 16,
  labels: ["a", "b"],
  seed: 0,
  foldRows: [40, 40, 40, 40, 40],
  rounds: 5,
};
const regression = (more: Partial<PlanRequest> = {}) =>
  planTraining({ ...REQUEST, task: "regression", labels: [], recipe: "linear", ...more });

describe("a regression", () => {
  it("is scored by leave-one-out if there are at least two rows per dimension", () => {
    expect(regression().rounds).toBe(0);
  });

  // With leave-one-out, fits interpolated all rows, and copies of an input predicted each other: random values uploaded three
  // times had an R² of .56.
  it.each([
    ["dimensions are many", { dims: 101 }],
    ["an input repeats, or splits were given", { foldsOnly: true }],
    ["the Gram matrix would be too large", { dims: LIMITS.gramDimensions + 1, foldRows: Array(5).fill(1_000) }],
  ])("is scored by folds if %s", (_, more) => {
    expect(regression(more).rounds).toBe(5);
  });
});

describe("the path of strengths", () => {
  it("has at least eight strengths, strongest first", () => {
    for (const rows of [1, 100, 10_000, 1_000_000]) {
      const { path } = planTraining({ ...REQUEST, foldRows: Array(5).fill(rows) });
      expect(path.length).toBeGreaterThanOrEqual(8);
      expect(path).toEqual([...path].sort((a, b) => b - a));
    }
  });
});

describe("a hidden layer", () => {
  it("is tried if there are enough rows, or if it is requested", () => {
    expect(planTraining(REQUEST).kinds).toEqual(["linear"]);
    expect(planTraining({ ...REQUEST, foldRows: Array(5).fill(1_000) }).kinds).toEqual(["linear", "mlp"]);
    expect(planTraining({ ...REQUEST, recipe: "mlp" }).kinds).toEqual(["mlp"]);
  });

  it("has no more weights than a head may have", () => {
    const { hidden } = planTraining({ ...REQUEST, dims: 4_096 });
    expect(hidden * 4_096).toBeLessThanOrEqual(LIMITS.hiddenParameters);
  });
});

// The scores of such a curve were means over no rows, which the response showed as null.
it("a learning curve is left out if the fold that scores it is empty", () => {
  const options = { learning_curve: true };
  expect(planTraining({ ...REQUEST, options }).curve.length).toBeGreaterThan(0);
  expect(planTraining({ ...REQUEST, options, foldRows: [0, 50, 50, 50, 50] }).curve).toEqual([]);
});
