// Whether a new version goes live.
import { describe, expect, test } from "vitest";
import type { ClassificationMetrics, MultilabelMetrics, RegressionMetrics } from "../../src/contract/metrics.ts";
import { type PromotionQuestion, verdictOnPromotion } from "../../src/lifecycle/promotion.ts";

const metrics = (more: Partial<ClassificationMetrics>): ClassificationMetrics => ({
  ...{ examples: 10, accuracy: 0.5, balanced_accuracy: 0.5, macro_f1: 0.5, log_loss: 1, ece: 0, per_label: [] },
  confusion: { labels: [], matrix: [] },
  ...more,
});

const ask = (more: Partial<PromotionQuestion>) =>
  verdictOnPromotion({ promote: "if_better", metric: "log_loss", candidate: metrics({}), live: metrics({}), ...more });

describe("where nothing is live", () => {
  test.each([
    ["if_better", true],
    ["always", true],
    ["never", false],
  ] as const)("%s promotes: %s", (promote, verdict) => {
    expect(ask({ promote, live: null }).promote).toBe(verdict);
  });
});

describe("where a version is live", () => {
  const worse = metrics({ log_loss: 2, accuracy: 0.1, macro_f1: 0.1 });
  const better = metrics({ log_loss: 0.5, accuracy: 0.9, macro_f1: 0.9 });

  test("always promotes a worse one, never refuses a better one", () => {
    expect(ask({ promote: "always", candidate: worse }).promote).toBe(true);
    expect(ask({ promote: "never", candidate: better }).promote).toBe(false);
  });

  test.each(["log_loss", "accuracy", "macro_f1"] as const)(
    "if_better promotes by %s, the right way round",
    (metric) => {
      expect(ask({ metric, candidate: better }).promote).toBe(true);
      expect(ask({ metric, candidate: worse }).promote).toBe(false);
    },
  );

  test("keeps the live one on a tie", () => {
    expect(ask({})).toMatchObject({ promote: false, reason: expect.stringContaining("not better") });
  });

  // The live version's scores are divided by its temperature as float32, the candidate's multiplied by its inverse as
  // float64: a version trained again on the same examples was better than itself in the eighth digit, and went live.
  test("keeps the live one where the candidate is better by no more than rounding", () => {
    expect(ask({ candidate: metrics({ log_loss: 1 - 1e-8 }) }).promote).toBe(false);
    expect(ask({ metric: "accuracy", candidate: metrics({ accuracy: 0.5 + 1e-9 }) }).promote).toBe(false);
    expect(ask({ candidate: metrics({ log_loss: 1 - 1e-5 }) }).promote).toBe(true);
  });

  test("promotes anything better than nothing at all", () => {
    expect(
      ask({ metric: "accuracy", candidate: metrics({ accuracy: 0.1 }), live: metrics({ accuracy: 0 }) }).promote,
    ).toBe(true);
  });

  test("keeps the live one when the candidate's figure is not a number", () => {
    expect(ask({ candidate: metrics({ log_loss: Number.NaN }) }).promote).toBe(false);
  });

  test("looks at its own metric only", () => {
    const mixed = metrics({ log_loss: 0.1, accuracy: 0.1 });
    expect(ask({ metric: "log_loss", candidate: mixed }).promote).toBe(true);
    expect(ask({ metric: "accuracy", candidate: mixed }).promote).toBe(false);
  });

  test("tells both figures, and how much worse the candidate is", () => {
    expect(ask({ candidate: better }).reason).toBe("better: log_loss 0.5000 against 1.0000 of the live version");
    const reason = "not better: accuracy 0.1000 against 0.5000 of the live version, worse by 0.4000";
    expect(ask({ metric: "accuracy", candidate: worse }).reason).toBe(reason);
  });

  test("keeps the live one where the gain is less than the policy asks for, and says so", () => {
    const candidate = metrics({ log_loss: 0.8, accuracy: 0.6 });
    expect(ask({ candidate, minGain: 0.3 })).toEqual({
      promote: false,
      reason:
        "not better by enough: log_loss 0.8000 against 1.0000 of the live version, a gain of 0.2000 where the policy asks for 0.3",
    });
    expect(ask({ candidate, minGain: 0.1 }).promote).toBe(true);
    expect(ask({ candidate, metric: "accuracy", minGain: 0.6 - 0.5 }).promote).toBe(true);
    expect(ask({ candidate, metric: "accuracy", minGain: 0.1 }).promote).toBe(true);
  });

  test("asks no gain of the first version, nor where the job says always", () => {
    expect(ask({ live: null, minGain: 9 }).promote).toBe(true);
    expect(ask({ promote: "always", candidate: worse, minGain: 9 }).promote).toBe(true);
  });
});

describe("sets of labels", () => {
  const sets = (more: Partial<MultilabelMetrics>): MultilabelMetrics => ({
    ...{ examples: 10, subset_accuracy: 0.5, micro_f1: 0.5, macro_f1: 0.5, log_loss: 1, ece: 0, per_label: [] },
    ...more,
  });
  const verdict = (metric: PromotionQuestion["metric"], candidate: Partial<MultilabelMetrics>) =>
    ask({ metric, candidate: sets(candidate), live: sets({}) });

  test("are compared by how many are exactly right, where accuracy is the metric", () => {
    expect(verdict("accuracy", { subset_accuracy: 0.6, micro_f1: 0.1 }).promote).toBe(true);
    expect(verdict("accuracy", { subset_accuracy: 0.4, micro_f1: 0.9 }).promote).toBe(false);
    expect(verdict("accuracy", { subset_accuracy: 0.6 }).reason).toContain("subset_accuracy 0.6000 against 0.5000");
  });

  test("are compared by log loss and macro-F1, the right way round", () => {
    expect(verdict("log_loss", { log_loss: 0.5 }).promote).toBe(true);
    expect(verdict("log_loss", { log_loss: 2 }).promote).toBe(false);
    expect(verdict("macro_f1", { macro_f1: 0.6 }).promote).toBe(true);
    expect(verdict("macro_f1", { macro_f1: 0.4 }).promote).toBe(false);
  });
});

describe("values", () => {
  const values = (rmse: number): RegressionMetrics => ({ examples: 10, mae: 1, rmse, r2: 0.5 });

  test.each(["log_loss", "accuracy", "macro_f1"] as const)(
    "are compared by their error, whatever the metric: %s",
    (metric) => {
      expect(ask({ metric, candidate: values(0.9), live: values(1) }).promote).toBe(true);
      expect(ask({ metric, candidate: values(1.1), live: values(1) }).promote).toBe(false);
      expect(ask({ metric, candidate: values(1), live: values(1) }).promote).toBe(false);
    },
  );
});
