// From rows to answers, for heads with outputs known by hand.
import { describe, expect, it } from "vitest";
import type { Classified, Labelled, Valued } from "../../src/contract/predict.ts";
import { conformalThresholds } from "../../src/engine/heads/conformal.ts";
import { readyHead } from "../../src/engine/heads/ready-head.ts";
import type { TrainedHead } from "../../src/engine/heads/trained-head.ts";
import { scoreRows } from "../../src/serving/answer.ts";
import type { ScoringOptions } from "../../src/serving/tasks/kind.ts";
import { liveTensors } from "../../src/tensor/scope.ts";
import { normals, seededRandom } from "../support/random.ts";

/** A linear head on one dimension: output k of `x` is weights[k]·x + bias[k]. */
const headOf = (more: Partial<TrainedHead>, weights: readonly number[], bias: readonly number[]): TrainedHead => ({
  task: "classification",
  kind: "linear",
  labels: ["a", "b", "c"],
  temperature: 1,
  scaler: { mean: Float32Array.of(0), inverse: Float32Array.of(1), target: { mean: 0, deviation: 1 } },
  layers: [{ weights: Float32Array.from(weights), bias: Float32Array.from(bias) }],
  thresholds: null,
  conformal: null,
  ...more,
});

const score = async <P>(head: TrainedHead, rows: readonly number[], options: ScoringOptions = {}): Promise<P[]> =>
  (await scoreRows(readyHead(head), Float32Array.from(rows), options)) as P[];

/** Scores of a, b, c at x = 1 are .6, .3 and .1. */
const THREE = headOf({}, [Math.log(0.6), Math.log(0.3), Math.log(0.1)], [0, 0, 0]);

describe("a classification", () => {
  it("scores every label by the softmax of its outputs, best first", async () => {
    const [answer] = await score<Classified>(THREE, [1]);
    expect(answer).toMatchObject({ label: "a", abstained: false });
    expect(answer?.scores.map(({ label }) => label)).toEqual(["a", "b", "c"]);
    [0.6, 0.3, 0.1].forEach((expected, k) => {
      expect(answer?.scores[k]?.score).toBeCloseTo(expected, 6);
    });
  });

  it("divides outputs by the temperature", async () => {
    const [answer] = await score<Classified>({ ...THREE, temperature: 0.5 }, [1]);
    expect(answer?.score).toBeCloseTo(0.36 / (0.36 + 0.09 + 0.01), 6);
  });

  it("abstains below the threshold, and answers at the threshold", async () => {
    const [{ score: best }] = (await score<Classified>(THREE, [1])) as [Classified];
    const [at] = await score<Classified>(THREE, [1], { threshold: best });
    const [below] = await score<Classified>(THREE, [1], { threshold: best + 1e-9 });
    expect([at?.label, below?.label]).toEqual(["a", null]);
    expect(below).toMatchObject({ abstained: true, score: best, scores: { length: 3 } });
  });

  it("gives a row the same answer alone as with others, bit for bit", async () => {
    const rows = [...normals(seededRandom(1), 13)];
    const together = await score<Classified>(THREE, rows);
    for (const [i, row] of rows.entries()) expect(await score(THREE, [row])).toEqual([together[i]]);
  });
});

describe("the set at a coverage", () => {
  /** True labels scored .05, .10, … .95 on held-out rows. */
  const conformal = conformalThresholds(Float32Array.from({ length: 19 }, (_, i) => (i + 1) / 20));
  const covering = (coverage: number, head: TrainedHead = { ...THREE, conformal }): Promise<string[]> =>
    score<Classified>(head, [1], { coverage }).then(([answer]) => answer?.set as string[]);

  it("contains the labels whose score is reached by enough true labels", async () => {
    expect(await covering(0.5)).toEqual(["a"]); // needs .50
    expect(await covering(0.75)).toEqual(["a", "b"]); // needs .25
    expect(await covering(0.93)).toEqual(["a", "b", "c"]); // needs .05
  });

  it("is never empty: the best label is in it at any coverage", async () => {
    expect(await covering(0)).toEqual(["a"]);
    expect(await covering(0.05)).toEqual(["a"]); // needs .95, which no label has
  });

  it("only grows with the coverage", async () => {
    let before: string[] = [];
    for (let coverage = 0; coverage <= 1; coverage += 0.05) {
      const set = await covering(coverage);
      expect(set.slice(0, before.length)).toEqual(before);
      before = set;
    }
    expect(before).toEqual(["a", "b", "c"]);
  });

  it("contains every label if the head has no conformal thresholds", async () => {
    expect(await covering(0.5, { ...THREE, conformal: null })).toEqual(["a", "b", "c"]);
  });

  // Scores of held-out rows are stored as float32, which may be above or below the exact value. Labels with exactly that score
  // were left out: with three indistinguishable labels, one alone was to contain the true one 90 % of the time.
  it("contains a label whose score is exactly the required one, as held-out rows do", async () => {
    const even = headOf({ conformal: conformalThresholds(new Float32Array(50).fill(1 / 3)) }, [0, 0, 0], [0, 0, 0]);
    expect(await covering(0.9, even)).toEqual(["a", "b", "c"]);
  });

  it("is absent unless requested", async () => {
    expect((await score<Classified>({ ...THREE, conformal }, [1]))[0]).not.toHaveProperty("set");
  });

  it("is not limited by top, which applies only to the scores", async () => {
    const [answer] = await score<Classified>({ ...THREE, conformal }, [1], { coverage: 0.93, top: 1 });
    expect(answer).toMatchObject({ set: ["a", "b", "c"], scores: { length: 1 } });
  });
});

describe("a multilabel head", () => {
  /** Scores at x = 1 are .88 (2), .5 (0) and .27 (−1), independently. */
  const tags = (thresholds: number[] | null) => headOf({ task: "multilabel", thresholds }, [2, 0, -1], [0, 0, 0]);

  it("answers the labels that reach their own threshold, best first", async () => {
    expect((await score<Labelled>(tags([0.9, 0.4, 0.2]), [1]))[0]?.labels).toEqual(["b", "c"]);
    expect((await score<Labelled>(tags([0.5, 0.5, 0.5]), [1]))[0]?.labels).toEqual(["a", "b"]);
  });

  it("answers no label if none reaches its threshold", async () => {
    expect((await score<Labelled>(tags([0.9, 0.9, 0.9]), [1]))[0]?.labels).toEqual([]);
  });

  it("uses the threshold of the request for all labels, if there is one", async () => {
    const labels = async (threshold: number) =>
      (await score<Labelled>(tags([0.9, 0.9, 0.9]), [1], { threshold }))[0]?.labels;
    expect(await labels(0.6)).toEqual(["a"]);
    expect(await labels(0)).toEqual(["a", "b", "c"]);
    expect(await labels(1)).toEqual([]);
  });

  it("uses one half if it has no thresholds", async () => {
    expect((await score<Labelled>(tags(null), [1]))[0]?.labels).toEqual(["a", "b"]);
  });

  it("scores each label by its own sigmoid, at the temperature", async () => {
    const [answer] = await score<Labelled>({ ...tags(null), temperature: 2 }, [1]);
    const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
    expect(answer?.scores.map(({ label }) => label)).toEqual(["a", "b", "c"]);
    [sigmoid(1), 0.5, sigmoid(-0.5)].forEach((expected, k) => {
      expect(answer?.scores[k]?.score).toBeCloseTo(expected, 6);
    });
  });

  it("lists as many scores as top requests, and may answer labels beyond them", async () => {
    const [answer] = await score<Labelled>(tags(null), [1], { top: 1 });
    expect(answer).toMatchObject({ labels: ["a", "b"], scores: { length: 1 } });
  });
});

it("a regression answers in the units of its values", async () => {
  const scaler = { mean: Float32Array.of(4), inverse: Float32Array.of(0.5), target: { mean: 100, deviation: 8 } };
  const head = headOf({ task: "regression", labels: [], scaler }, [3], [0.25]);
  expect(await score<Valued>(head, [4, 6])).toEqual([{ value: 102 }, { value: 126 }]);
});

it("scoring leaves no tensor behind, with or without rows for the kernel", async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => i / 1_000);
  await score(THREE, many);
  const before = liveTensors();
  for (const rows of [many, [1, 2, 3]]) await score(THREE, rows);
  expect(liveTensors()).toBe(before);
});
