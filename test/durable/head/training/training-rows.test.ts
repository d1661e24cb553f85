// Counts and strata of a training's rows.
import { describe, expect, it } from "vitest";
import { indexLabels, inputsByLabel, strataOf } from "../../../../durable/head/training/training-rows.ts";
import type { TrainingRow } from "../../../../durable/tables/training-order.ts";
import type { HeadConfig } from "../../../../src/contract/rpc.ts";
import { atOnce } from "../../../../src/core/steps.ts";

const configOf = (task: HeadConfig["task"]): HeadConfig => ({ task, labels: null }) as unknown as HeadConfig;

const indexed = (task: HeadConfig["task"], rows: TrainingRow[]) => atOnce(indexLabels(configOf(task), rows));
const countsOf = (task: HeadConfig["task"], rows: TrainingRow[]) => atOnce(inputsByLabel(indexed(task, rows), rows));
const strataIn = (task: HeadConfig["task"], rows: TrainingRow[]) => atOnce(strataOf(indexed(task, rows), rows));

/** In training order: rows of one input are adjacent. */
const rowsOf = (
  ...given: [input: number, target: TrainingRow["target"], split?: TrainingRow["split"]][]
): TrainingRow[] =>
  given.map(([input, target, split = null], seq) => ({
    seq,
    input,
    digest: input.toString(16).padStart(64, "0"),
    target,
    split,
    block: 0,
    slot: 0,
  }));

describe("the numbers of inputs by label", () => {
  it("count an input once for each of its labels, however many examples it has, and not if it is kept for test", () => {
    const rows = rowsOf(
      [1, { label: "a" }],
      [1, { label: "a" }],
      [1, { label: "b" }],
      [2, { label: "a" }],
      [3, { label: "b" }, "test"],
    );
    expect(countsOf("classification", rows)).toEqual({
      inputs: 2,
      counts: [
        { label: "a", inputs: 2 },
        { label: "b", inputs: 1 },
      ],
    });
  });

  it("count label sets, including empty ones", () => {
    const rows = rowsOf(
      [1, { labels: ["a", "b"] }],
      [1, { labels: ["b"] }],
      [2, { labels: [] }],
      [3, { labels: ["b"] }],
    );
    expect(countsOf("multilabel", rows)).toEqual({
      inputs: 3,
      counts: [
        { label: "a", inputs: 1 },
        { label: "b", inputs: 2 },
      ],
    });
  });
});

describe("the stratum of an input", () => {
  it("is its label; for a label set, the label with the fewest examples, the first of several; for empty sets, a stratum of their own", () => {
    const rows = rowsOf(
      [1, { labels: ["a", "b"] }],
      [2, { labels: ["b", "c"] }],
      [3, { labels: [] }],
      [4, { labels: ["b"] }],
    );
    const strata = strataIn("multilabel", rows).map(({ stratum }) => stratum);
    expect(strata).toEqual([0, 2, 3, 1]);
    const tied = rowsOf([1, { labels: ["a", "b"] }], [2, { labels: ["b", "a"] }]);
    expect(strataIn("multilabel", tied).map(({ stratum }) => stratum)).toEqual([0, 0]);
    const single = rowsOf([1, { label: "b" }], [2, { label: "a" }]);
    expect(strataIn("classification", single).map(({ stratum }) => stratum)).toEqual([1, 0]);
  });
});
