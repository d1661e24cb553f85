// The stored record of a version, whose confusion matrices are not parsed.
import { describe, expect, it } from "vitest";
import { recordOfText, type VersionRecord } from "../../../durable/tables/version-record.ts";
import { jsonOf } from "../../../src/core/json-text.ts";

const confusion = (matrix: number[][], label: string) => ({
  accuracy: 1,
  per_label: [{ label }],
  confusion: { labels: [label], matrix },
});
const record = (label: string, matrices: readonly number[][][]) => {
  const [validation, test] = matrices.map((matrix) => confusion(matrix, label));
  return {
    dataset: { labels: [label] },
    metrics: { validation, test, baseline: {} },
    digest: "d",
  };
};
const written = (text: string): string => jsonOf(recordOfText(text) satisfies VersionRecord);

describe("a stored version", () => {
  it.each([
    [
      "one matrix",
      record("a", [
        [
          [1, 2],
          [3, 4],
        ],
      ]),
    ],
    [
      "two matrices",
      record("a", [
        [
          [1, 2],
          [3, 4],
        ],
        [[5]],
      ]),
    ],
    ["no label", record("a", [[]])],
    ["a label that looks like a matrix", record('"matrix":[[7]],"matrix\\":[[8]]', [[[1]], [[2]]])],
    ["other figures", { metrics: { validation: { mae: 1 }, baseline: {} }, digest: "d" }],
  ])("is written unchanged if it has %s", (_, stored) => {
    const text = JSON.stringify(stored);
    expect(written(text)).toBe(text);
  });

  it("keeps each matrix as a text", () => {
    const text = JSON.stringify(record("a", [[[1, 2]], [[3]]]));
    const { validation, test } = recordOfText(text).metrics;
    expect([validation, test]).toMatchObject([
      { confusion: { labels: ["a"], matrix: { $json: "[[1,2]]" } } },
      { confusion: { matrix: { $json: "[[3]]" } } },
    ]);
  });
});
