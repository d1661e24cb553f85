// Which side a row falls on: given sides are respected, no input stands on two, and growth moves almost nothing.
import { describe, expect, test } from "vitest";
import type { Part } from "../../src/engine/blocks.ts";
import { type SplitRow, splitRows } from "../../src/engine/split.ts";
import { type Random, seededRandom } from "../support/random.ts";

const digestFrom = (random: Random): string =>
  Array.from({ length: 8 }, () =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");

const byDigest = (a: SplitRow, b: SplitRow): number =>
  a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : a.label - b.label;

/** `counts[label]` inputs of every label, none with a given side, sorted as splits expect them. */
function rowsOf(counts: readonly number[], seed = 1): SplitRow[] {
  const random = seededRandom(seed);
  const rows = counts.flatMap((count, label) =>
    Array.from({ length: count }, () => ({ digest: digestFrom(random), label, split: null })),
  );
  return rows.sort(byDigest);
}

const partByDigest = (rows: readonly SplitRow[]): Map<string, Part> => {
  const parts = splitRows(rows);
  return new Map(rows.map(({ digest }, i) => [digest, parts[i] as Part]));
};

const countOf = (rows: readonly SplitRow[], parts: readonly Part[], part: Part, label: number): number =>
  rows.filter((row, i) => row.label === label && parts[i] === part).length;

describe("rows without a given side", () => {
  test("are held out in proportion to their label", () => {
    const counts = [500, 50, 10, 3, 2];
    const rows = rowsOf(counts);
    const parts = splitRows(rows);
    expect(counts.map((_, label) => countOf(rows, parts, "validation", label))).toEqual([100, 10, 2, 1, 1]);
    expect(parts).not.toContain("test");
  });

  test("train where a label has only one input", () => {
    const rows = rowsOf([10, 1]);
    expect(countOf(rows, splitRows(rows), "train", 1)).toBe(1);
  });

  test("fall the same way every time", () => {
    const rows = rowsOf([60, 60]);
    expect(splitRows(rows)).toEqual(splitRows([...rows]));
  });

  test("are held out at random: their digests' order does not show", () => {
    const rows = rowsOf([1_000]);
    const parts = splitRows(rows);
    const held = rows.flatMap((_, i) => (parts[i] === "validation" ? [i] : []));
    const mean = held.reduce((a, b) => a + b, 0) / held.length;
    expect(Math.abs(mean - 500)).toBeLessThan(75);
  });

  test("move at most one other when an input joins their label", () => {
    let rows = rowsOf([40, 40]);
    const random = seededRandom(99);
    for (let step = 0; step < 60; step++) {
      const before = partByDigest(rows);
      rows = [...rows, { digest: digestFrom(random), label: 0, split: null }].sort(byDigest);
      const after = partByDigest(rows);
      const moved = [...before].filter(([digest, part]) => after.get(digest) !== part);
      expect(moved.length).toBeLessThanOrEqual(1);
    }
  });

  test("stay where they are when another label grows", () => {
    const rows = rowsOf([40, 40]);
    const more = [...rows, ...rowsOf([0, 0, 30], 2)].sort(byDigest);
    const [before, after] = [partByDigest(rows), partByDigest(more)];
    for (const [digest, part] of before) expect(after.get(digest)).toBe(part);
  });
});

describe("an input that several examples have", () => {
  const shared = (labels: readonly number[], splits: readonly (Part | null)[]): SplitRow[] => [
    ...rowsOf([20, 20]),
    ...labels.map((label, i) => ({ digest: "f".repeat(64), label, split: splits[i] ?? null })),
  ];

  test("stands on one side, whatever its labels and its examples' sides", () => {
    const random = seededRandom(12);
    const sides = [null, "train", "validation", "test"] as const;
    for (let trial = 0; trial < 200; trial++) {
      const inputs = Array.from({ length: 12 }, () => digestFrom(random));
      const row = (): SplitRow => {
        const digest = inputs[random.below(12)] as string;
        return { digest, label: random.below(3), split: sides[random.below(trial % 2 ? 4 : 1)] ?? null };
      };
      const rows = Array.from({ length: 40 }, row).sort(byDigest);
      const parts = splitRows(rows);
      const sidesOf = new Map<string, Set<Part>>();
      rows.forEach(({ digest }, i) => {
        sidesOf.set(digest, (sidesOf.get(digest) ?? new Set()).add(parts[i] as Part));
      });
      for (const found of sidesOf.values()) expect(found.size).toBe(1);
    }
  });

  test.each([
    [["train", "test"], "test"],
    [["validation", "test"], "test"],
    [["train", "validation"], "validation"],
    [[null, "test"], "test"],
    [[null, "train"], "train"],
  ] as const)("goes with the strictest of %j: %s", (splits, part) => {
    for (const order of [splits, [...splits].reverse()]) {
      expect(splitRows(shared([0, 1], order)).slice(-2)).toEqual([part, part]);
    }
  });
});

describe("given sides", () => {
  const given = (rows: readonly SplitRow[], splits: readonly (Part | null)[]): SplitRow[] =>
    rows.map((row, i) => ({ ...row, split: splits[i % splits.length] ?? null }));

  test("are respected, and nothing else is held out once some row is validation", () => {
    const rows = given(rowsOf([30, 30]), ["train", "validation", "test", null]);
    expect(splitRows(rows)).toEqual(rows.map(({ split }) => split ?? "train"));
  });

  test("are respected while the rest is held out in proportion", () => {
    const rows = given(rowsOf([100]), ["test", null]);
    const parts = splitRows(rows);
    rows.forEach(({ split }, i) => {
      if (split) expect(parts[i]).toBe("test");
    });
    expect(parts.filter((part) => part === "validation")).toHaveLength(10);
  });

  test("give some of training away when every row was given to training", () => {
    const parts = splitRows(given(rowsOf([50, 50]), ["train"]));
    expect(parts.filter((part) => part === "validation")).toHaveLength(20);
  });

  test("never give any of test away", () => {
    const rows = given(rowsOf([50, 50]), ["test", "train"]);
    const parts = splitRows(rows);
    expect(rows.map(({ split }, i) => split !== "test" || parts[i] === "test")).not.toContain(false);
  });
});
