// Scores that select a strength of the path, for each task and metric.
import { describe, expect, it } from "vitest";
import { packSets } from "../../../src/engine/heads/sigmoid.ts";
import { addClassScores, addSetScores, addValueScores, emptyScoreSums } from "../../../src/engine/metrics/score.ts";
import { scoreOf } from "../../../src/engine/tasks/score-of.ts";

/** Logits of three classes; predicted a, b, b, c. */
const CLASSES = Float32Array.from([2, 0, 0, 0, 2, 0, 0, 2, 0, 0, 0, 2]);
const TRUTH = Int32Array.of(0, 1, 0, 2);

describe("a classification", () => {
  const sums = addClassScores(emptyScoreSums(3), CLASSES, TRUTH, 4);
  const score = (metric: "log_loss" | "accuracy" | "macro_f1") => scoreOf(sums, { metric, task: "classification" });

  // With uncalibrated scores, strong regularisation lost because it is underconfident: for banking77 with five examples per
  // label, the selected strength was too weak by a factor of a hundred, and accuracy 1.5 points lower.
  it("is scored by its mean cross-entropy at its best temperature", () => {
    const scored = (scale: number): number => {
      const [many, truth] = [
        Array(100)
          .fill([...CLASSES])
          .flat(),
        Array(100)
          .fill([...TRUTH])
          .flat(),
      ];
      const logits = Float32Array.from(many, (z: number) => scale * z);
      return scoreOf(addClassScores(emptyScoreSums(3), logits, Int32Array.from(truth), 400), {
        metric: "log_loss",
        task: "classification",
      });
    };
    expect(scored(0.5)).toBeCloseTo(scored(1), 2);
  });

  it("is scored by one minus its accuracy", () => {
    expect(score("accuracy")).toBeCloseTo(1 / 4, 12);
  });

  it("is scored by one minus its macro-F1", () => {
    expect(score("macro_f1")).toBeCloseTo(1 - (2 / 3 + 2 / 3 + 1) / 3, 12);
  });

  it("has the same scores from two blocks", () => {
    const two = addClassScores(emptyScoreSums(3), CLASSES.subarray(0, 6), TRUTH.subarray(0, 2), 2);
    expect(addClassScores(two, CLASSES.subarray(6), TRUTH.subarray(2), 2)).toEqual(sums);
  });
});

describe("sets of labels", () => {
  /** Predicted {a}, {a, b}; true are {a}, {b}. */
  const sums = addSetScores(emptyScoreSums(2), Float32Array.from([1, -1, 1, 1]), packSets([[0], [1]], 2), 2);
  const score = (metric: "log_loss" | "accuracy" | "macro_f1") => scoreOf(sums, { metric, task: "multilabel" });

  it("are scored by the mean binary cross-entropy per label", () => {
    const right = Math.log(1 + Math.exp(-1));
    expect(score("log_loss")).toBeCloseTo((3 * right + Math.log(1 + Math.exp(1))) / 4, 9);
  });

  // The score once counted the true labels that were found, so that a head that sets every label in every row was the best one.
  it("are scored by one minus the share of exactly right sets for the metric accuracy", () => {
    expect(score("accuracy")).toBeCloseTo(1 / 2, 12);
  });

  it("are scored by one minus the macro-F1 at one half", () => {
    expect(score("macro_f1")).toBeCloseTo(1 - (2 / 3 + 1) / 2, 12);
  });
});

it.each(["log_loss", "accuracy", "macro_f1"] as const)(
  "a regression is scored by its squared error, not by %s",
  (metric) => {
    const sums = addValueScores(emptyScoreSums(1), Float32Array.of(1, 3), Float32Array.of(0, 1), 2);
    expect(scoreOf(sums, { metric, task: "regression" })).toBe(2.5);
  },
);
