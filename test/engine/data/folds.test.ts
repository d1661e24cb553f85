// Assignment of rows to folds: given splits are respected, no input is in two folds, every label is held out in proportion.
import { describe, expect, it } from "vitest";
import type { RowPart } from "../../../src/engine/data/blocks.ts";
import { type FoldRow, type Folds, foldRows } from "../../../src/engine/data/folds.ts";
import { type Random, seededRandom } from "../../support/random.ts";

type Split = FoldRow["split"];

const hex = (random: Random): string =>
  random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, "0");
const digestFrom = (random: Random): string => Array.from({ length: 8 }, () => hex(random)).join("");

const byDigest = (a: FoldRow, b: FoldRow): number =>
  a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : a.stratum - b.stratum;

/** `counts[stratum]` inputs of every stratum, without given splits, sorted as `foldRows` expects. */
function rowsOf(counts: readonly number[], seed = 1): FoldRow[] {
  const random = seededRandom(seed);
  const rows = counts.flatMap((count, stratum) =>
    Array.from({ length: count }, () => ({ digest: digestFrom(random), stratum, split: null })),
  );
  return rows.sort(byDigest);
}

const given = (rows: readonly FoldRow[], splits: readonly Split[]): FoldRow[] =>
  rows.map((row, i) => ({ ...row, split: splits[i % splits.length] ?? null }));

/** Rows of a stratum by part. */
const countOf = (rows: readonly FoldRow[], { parts }: Folds, part: RowPart, stratum: number): number =>
  rows.filter((row, i) => row.stratum === stratum && parts[i] === part).length;

const partByDigest = (rows: readonly FoldRow[]): Map<string, RowPart> => {
  const { parts } = foldRows(rows);
  return new Map(rows.map(({ digest }, i) => [digest, parts[i] as RowPart]));
};

describe("up to 2,000 inputs", () => {
  it("are each held out once, in five folds with equal shares of every label, to within one input", () => {
    const counts = [500, 51, 10, 3, 2];
    const rows = rowsOf(counts);
    const folds = foldRows(rows);
    expect(folds).toMatchObject({ folds: 5, rounds: 5 });
    for (const [stratum, count] of counts.entries()) {
      const sizes = [0, 1, 2, 3, 4].map((fold) => countOf(rows, folds, fold, stratum));
      expect(Math.min(...sizes)).toBe(Math.floor(count / 5));
      expect(Math.max(...sizes)).toBe(Math.ceil(count / 5));
    }
  });

  it("are in two folds if a label has two of them, so that one of them is always trained on", () => {
    const rows = rowsOf(Array(40).fill(2));
    const folds = foldRows(rows);
    for (let stratum = 0; stratum < 40; stratum++) {
      expect([0, 1, 2, 3, 4].map((fold) => countOf(rows, folds, fold, stratum)).sort()).toEqual([0, 0, 0, 1, 1]);
    }
  });

  it("are spread over the folds even if all labels are rare", () => {
    const { parts } = foldRows(rowsOf(Array(500).fill(1)));
    const sizes = [0, 1, 2, 3, 4].map((fold) => parts.filter((part) => part === fold).length);
    expect(Math.min(...sizes)).toBeGreaterThan(60);
  });

  it("get the same folds every time", () => {
    expect(foldRows(rowsOf([60, 60]))).toEqual(foldRows(rowsOf([60, 60])));
  });

  it("keep their folds when another label grows", () => {
    const rows = rowsOf([40, 40]);
    const [before, after] = [rows, [...rows, ...rowsOf([0, 0, 30], 2)].sort(byDigest)].map(partByDigest);
    for (const [digest, part] of before ?? []) expect(after?.get(digest)).toBe(part);
  });
});

describe("more than 2,000 inputs", () => {
  const counts = [1_500, 600, 10, 3, 2, 1];
  const rows = rowsOf(counts);
  const folds = foldRows(rows);

  it("are held out in one round: a fifth of every label, with the rest spread over the other folds", () => {
    expect(folds).toMatchObject({ folds: 5, rounds: 1 });
    expect(counts.map((_, stratum) => countOf(rows, folds, 0, stratum))).toEqual([300, 120, 2, 1, 1, 0]);
    for (const fold of [1, 2, 3, 4]) expect(countOf(rows, folds, fold, 0)).toBe(300);
  });

  it("are held out independently of the order of their digests", () => {
    const held = folds.parts.flatMap((part, i) => (part === 0 ? [i] : []));
    const mean = held.reduce((a, b) => a + b, 0) / held.length;
    expect(Math.abs(mean / rows.length - 0.5)).toBeLessThan(0.05);
  });

  it("keep their folds, except at most one, when an input is added to a label", () => {
    let grown = rowsOf([2_100, 40]);
    const random = seededRandom(99);
    for (let step = 0; step < 10; step++) {
      const before = partByDigest(grown);
      grown = [...grown, { digest: digestFrom(random), stratum: 1, split: null }].sort(byDigest);
      const after = partByDigest(grown);
      const moved = [...before].filter(([digest, part]) => (after.get(digest) === 0) !== (part === 0));
      expect(moved.length).toBeLessThanOrEqual(1);
    }
  });

  it("are counted as inputs, not as examples", () => {
    const inputs = rowsOf([1_500]);
    const twice = [...inputs, ...inputs.map((row) => ({ ...row, stratum: 1 }))].sort(byDigest);
    expect(foldRows(twice).rounds).toBe(5);
  });
});

describe("an input that several examples have", () => {
  it("is in one fold, whatever its labels and its examples' splits", () => {
    const random = seededRandom(12);
    const splits = [null, "train", "validation", "test"] as const;
    for (let trial = 0; trial < 200; trial++) {
      const inputs = Array.from({ length: 12 }, () => digestFrom(random));
      const row = (): FoldRow => {
        const digest = inputs[random.below(12)] as string;
        return { digest, stratum: random.below(3), split: splits[random.below(trial % 2 ? 4 : 1)] ?? null };
      };
      const rows = Array.from({ length: 40 }, row).sort(byDigest);
      const { parts } = foldRows(rows);
      const sides = new Map<string, Set<RowPart>>();
      rows.forEach(({ digest }, i) => {
        sides.set(digest, (sides.get(digest) ?? new Set()).add(parts[i] as RowPart));
      });
      expect([...sides.values()].map(({ size }) => size)).not.toContain(2);
    }
  });

  it.each([
    [["train", "test"], "test"],
    [["validation", "test"], "test"],
    [["train", "validation"], 0],
    [[null, "validation"], 0],
    [[null, "test"], "test"],
  ] as const)("follows the stricter of the splits %j: %s", (splits, part) => {
    for (const order of [splits, [...splits].reverse()]) {
      const shared = order.map((split, i) => ({ digest: "f".repeat(64), stratum: i, split }));
      expect(foldRows([...rowsOf([20, 20]), ...shared]).parts.slice(-2)).toEqual([part, part]);
    }
  });

  it("is never held out if one of its examples is given to training", () => {
    const shared = [null, "train" as const].map((split, i) => ({ digest: "f".repeat(64), stratum: i, split }));
    const { parts, rounds } = foldRows([...rowsOf([20, 20]), ...shared]);
    for (const part of parts.slice(-2)) expect(part).toBeGreaterThanOrEqual(rounds);
  });
});

describe("inputs with equal features", () => {
  const rows = [...rowsOf([30, 30])];
  /** Every row has a duplicate: rows 0 and 1, 2 and 3, and so on. */
  const keys = Float64Array.from(rows, (_, i) => i >> 1);

  it("are held out together if no split was given", () => {
    const { parts, foldsOnly, leftOut } = foldRows(rows, keys);
    for (let i = 0; i < rows.length; i += 2) expect(parts[i]).toBe(parts[i + 1]);
    expect(new Set(parts).size).toBe(5);
    expect([foldsOnly, leftOut]).toEqual([true, 0]);
  });

  it.each([
    ["test", "test"],
    ["validation", 0],
  ] as const)("are kept out of training together if one has the split %s, and are counted", (split, part) => {
    const some = rows.map((row, i): FoldRow => ({ ...row, split: i % 10 === 0 ? split : i % 10 < 4 ? "train" : null }));
    const { parts, leftOut } = foldRows(some, keys);
    for (let i = 0; i < rows.length; i += 10) expect([parts[i], parts[i + 1]]).toEqual([part, part]);
    expect(leftOut).toBe(6);
  });

  it("change no fold if all rows have different features", () => {
    const own = Float64Array.from(rows, (_, i) => i);
    expect(foldRows(rows, own)).toEqual(foldRows(rows));
  });
});

describe("given splits", () => {
  it("are followed, and nothing else is held out if a row has the split validation", () => {
    const rows = given(rowsOf([30, 30]), ["train", "validation", "test", null]);
    const { parts, rounds } = foldRows(rows);
    expect(rounds).toBe(1);
    rows.forEach(({ split }, i) => {
      if (split === "test") expect(parts[i]).toBe("test");
      else expect(parts[i] === 0).toBe(split === "validation");
    });
  });

  it("keep test rows out of every fold, and the other rows are held out in proportion", () => {
    const rows = given(rowsOf([100]), ["test", null]);
    const { parts } = foldRows(rows);
    expect(parts.map((part) => part === "test")).toEqual(rows.map(({ split }) => split === "test"));
    for (const fold of [0, 1, 2, 3, 4]) expect(parts.filter((part) => part === fold)).toHaveLength(10);
  });

  it("keep training rows in folds that are never held out", () => {
    const rows = given(rowsOf([50, 50]), ["train", null]);
    const { parts, rounds, folds } = foldRows(rows);
    expect([rounds, folds]).toEqual([5, 6]);
    rows.forEach(({ split }, i) => {
      expect((parts[i] as number) < 5).toBe(split === null);
    });
  });

  it("keep training rows out of the single held-out fold of many inputs", () => {
    const rows = given(rowsOf([3_000]), ["train", null, null, null]);
    const { parts, rounds } = foldRows(rows);
    expect(rounds).toBe(1);
    expect(rows.filter(({ split }, i) => split === "train" && parts[i] === 0)).toEqual([]);
    expect(parts.filter((part) => part === 0)).toHaveLength(450);
  });

  it("are ignored if every row is given to training, so that all rows are held out in turn", () => {
    const { parts, rounds, folds } = foldRows(given(rowsOf([50, 50]), ["train"]));
    expect([rounds, folds]).toEqual([5, 5]);
    expect(new Set(parts)).toEqual(new Set([0, 1, 2, 3, 4]));
  });

  // Metrics once covered only the single row without a given split.
  it("are ignored if they give nearly all rows to training", () => {
    const rows = rowsOf([50, 50]).map((row, i) => ({ ...row, split: i === 7 ? null : ("train" as const) }));
    const { parts, rounds } = foldRows(rows);
    expect(rounds).toBe(5);
    expect(parts.filter((part) => (part as number) < rounds)).toHaveLength(100);
  });
});
