// The verdict on whether a new version goes live.
import { describe, expect, it } from "vitest";
import type { ClassificationMetrics, MultilabelMetrics, RegressionMetrics } from "../../src/contract/metrics.ts";
import { type PromotionQuestion, verdictOnPromotion } from "../../src/lifecycle/promotion.ts";

const metrics = (more: Partial<ClassificationMetrics>): ClassificationMetrics => ({
  examples: 10,
  accuracy: 0.5,
  balanced_accuracy: 0.5,
  macro_f1: 0.5,
  log_loss: 1,
  ece: 0,
  per_label: [],
  confusion: { labels: [], matrix: [] },
  ...more,
});

const ask = (more: Partial<PromotionQuestion>) =>
  verdictOnPromotion({ promote: "if_better", metric: "log_loss", candidate: metrics({}), live: metrics({}), ...more });

describe("a head without a live version", () => {
  const evidence = { examples: 100, interval: [0.6, 0.8], method: "bootstrap", baseline: 0.5 } as const;
  const first = (more: Partial<PromotionQuestion>) => ask({ live: null, metric: "accuracy", evidence, ...more });

  it.each([
    ["if_better", true],
    ["always", true],
    ["never", false],
  ] as const)("promotes with %s a version that is better than the baseline: %s", (promote, verdict) => {
    expect(first({ promote }).promote).toBe(verdict);
  });

  it("keeps back with if_better a version whose interval reaches the baseline, and gives the reason, but promotes it with always", () => {
    const useless = { ...evidence, interval: [0.45, 0.7] } as const;
    expect(first({ evidence: useless })).toEqual({
      promote: false,
      reason:
        "not better than the baseline: accuracy between 0.4500 and 0.7000 (95 % interval, bootstrap) against 0.5000 of a constant answer",
    });
    expect(first({ evidence: useless, promote: "always" }).promote).toBe(true);
  });

  it("compares the other end of the interval if less is better", () => {
    const losses = (interval: readonly [number, number]) =>
      first({ metric: "log_loss", evidence: { examples: 30, interval, method: "normal", baseline: 0.69 } }).promote;
    expect([losses([0.4, 0.68]), losses([0.6, 0.7])]).toEqual([true, false]);
  });

  it.each([
    ["bootstrap", "(95 % interval, bootstrap)"],
    ["normal", "(95 % interval, normal approximation)"],
  ] as const)("names in the reason how the interval was computed: %s", (method, words) => {
    expect(first({ evidence: { ...evidence, method } }).reason).toContain(words);
  });

  it("promotes with if_better a version with fewer than 30 held-out examples, as unproven", () => {
    const few = { examples: 29, interval: [0, 1], method: "bootstrap", baseline: 0.9 } as const;
    const verdict = first({ evidence: few });
    expect(verdict).toMatchObject({ promote: true, unproven: true });
    expect(verdict.reason).toContain("unproven: 29 examples were held out");
    expect(first({ evidence: { ...few, examples: 30 } }).promote).toBe(false);
  });

  it("keeps back a version whose metric is not a number", () => {
    expect(first({ evidence: { ...evidence, interval: [Number.NaN, Number.NaN] } }).promote).toBe(false);
  });
});

describe("the min_metric of a policy", () => {
  it.each([
    ["accuracy", 0.5, true],
    ["accuracy", 0.51, false],
    ["macro_f1", 0.51, false],
    ["log_loss", 1, true],
    ["log_loss", 0.9, false],
  ] as const)("decides by %s, compared with %d, whether the version goes live: %s", (metric, minMetric, verdict) => {
    const evidence = { examples: 5, interval: [0, 1], method: "bootstrap", baseline: 0.5 } as const;
    expect(ask({ live: null, metric, minMetric, evidence }).promote).toBe(verdict);
    const worse = metrics({ log_loss: 2, accuracy: 0.1, macro_f1: 0.1 });
    expect(ask({ live: worse, metric, minMetric }).promote).toBe(verdict);
    expect(ask({ live: null, metric, minMetric, promote: "always" }).promote).toBe(true);
  });

  it("is named in the reason", () => {
    expect(ask({ metric: "accuracy", minMetric: 0.8 }).reason).toBe(
      "not good enough: accuracy 0.5000, the policy asks for at least 0.8 (min_metric)",
    );
    expect(ask({ minMetric: 0.8 }).reason).toBe(
      "not good enough: log_loss 1.0000, the policy asks for at most 0.8 (min_metric)",
    );
  });
});

describe("a head with a live version", () => {
  const worse = metrics({ log_loss: 2, accuracy: 0.1, macro_f1: 0.1 });
  const better = metrics({ log_loss: 0.5, accuracy: 0.9, macro_f1: 0.9 });

  it("promotes a worse version with always, and no better version with never", () => {
    expect(ask({ promote: "always", candidate: worse }).promote).toBe(true);
    expect(ask({ promote: "never", candidate: better }).promote).toBe(false);
  });

  it.each(["log_loss", "accuracy", "macro_f1"] as const)(
    "promotes with if_better by %s, in the right direction",
    (metric) => {
      expect(ask({ metric, candidate: better }).promote).toBe(true);
      expect(ask({ metric, candidate: worse }).promote).toBe(false);
    },
  );

  it("keeps the live version on a tie", () => {
    expect(ask({})).toMatchObject({ promote: false, reason: expect.stringContaining("not better") });
  });

  // The live version's scores are divided by its temperature as float32, the candidate's multiplied by its inverse as float64.
  // A version trained again on the same examples was better than itself in the eighth digit, and went live.
  it("keeps the live version if the candidate is better only by rounding", () => {
    expect(ask({ candidate: metrics({ log_loss: 1 - 1e-8 }) }).promote).toBe(false);
    expect(ask({ metric: "accuracy", candidate: metrics({ accuracy: 0.5 + 1e-9 }) }).promote).toBe(false);
    expect(ask({ candidate: metrics({ log_loss: 1 - 1e-5 }) }).promote).toBe(true);
  });

  it("promotes any better version if no gain is required", () => {
    expect(
      ask({ metric: "accuracy", candidate: metrics({ accuracy: 0.1 }), live: metrics({ accuracy: 0 }) }).promote,
    ).toBe(true);
  });

  it("keeps the live version if the candidate's metric is not a number", () => {
    expect(ask({ candidate: metrics({ log_loss: Number.NaN }) }).promote).toBe(false);
  });

  it("compares only the metric of its policy", () => {
    const mixed = metrics({ log_loss: 0.1, accuracy: 0.1 });
    expect(ask({ metric: "log_loss", candidate: mixed }).promote).toBe(true);
    expect(ask({ metric: "accuracy", candidate: mixed }).promote).toBe(false);
  });

  it("names both metrics in the reason, and by how much the candidate is worse", () => {
    expect(ask({ candidate: better }).reason).toBe("better: log_loss 0.5000 against 1.0000 of the live version");
    const reason = "not better: accuracy 0.1000 against 0.5000 of the live version, worse by 0.4000";
    expect(ask({ metric: "accuracy", candidate: worse }).reason).toBe(reason);
  });

  it("keeps the live version if the gain is less than the policy requires, and gives the reason", () => {
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

  it("requires no gain for the first version, or if the job says always", () => {
    expect(ask({ live: null, minGain: 9 }).promote).toBe(true);
    expect(ask({ promote: "always", candidate: worse, minGain: 9 }).promote).toBe(true);
  });
});

describe("label sets", () => {
  const sets = (more: Partial<MultilabelMetrics>): MultilabelMetrics => ({
    examples: 10,
    subset_accuracy: 0.5,
    micro_f1: 0.5,
    macro_f1: 0.5,
    log_loss: 1,
    ece: 0,
    per_label: [],
    ...more,
  });
  const verdict = (metric: PromotionQuestion["metric"], candidate: Partial<MultilabelMetrics>) =>
    ask({ metric, candidate: sets(candidate), live: sets({}) });

  it("are compared by the share of exactly right sets for the metric accuracy", () => {
    expect(verdict("accuracy", { subset_accuracy: 0.6, micro_f1: 0.1 }).promote).toBe(true);
    expect(verdict("accuracy", { subset_accuracy: 0.4, micro_f1: 0.9 }).promote).toBe(false);
    expect(verdict("accuracy", { subset_accuracy: 0.6 }).reason).toContain("subset_accuracy 0.6000 against 0.5000");
  });

  it("are compared by log loss and macro-F1, in the right direction", () => {
    expect(verdict("log_loss", { log_loss: 0.5 }).promote).toBe(true);
    expect(verdict("log_loss", { log_loss: 2 }).promote).toBe(false);
    expect(verdict("macro_f1", { macro_f1: 0.6 }).promote).toBe(true);
    expect(verdict("macro_f1", { macro_f1: 0.4 }).promote).toBe(false);
  });
});

describe("values", () => {
  const values = (rmse: number): RegressionMetrics => ({ examples: 10, mae: 1, rmse, r2: 0.5 });

  it.each(["log_loss", "accuracy", "macro_f1"] as const)(
    "are compared by their error, whatever the metric is: %s",
    (metric) => {
      expect(ask({ metric, candidate: values(0.9), live: values(1) }).promote).toBe(true);
      expect(ask({ metric, candidate: values(1.1), live: values(1) }).promote).toBe(false);
      expect(ask({ metric, candidate: values(1), live: values(1) }).promote).toBe(false);
    },
  );
});
