// Label issues: from scores of models that did not see the rows, and from duplicate rows.
import { describe, expect, it } from "vitest";
import { Turns } from "../../../src/core/turns.ts";
import { TrainingData } from "../../../src/engine/data/training-data.ts";
import { type LabelledRows, labelIssues } from "../../../src/engine/findings/label-issues.ts";
import { nearDuplicates } from "../../../src/engine/findings/near-duplicates.ts";
import { emptyOutOfFold } from "../../../src/engine/findings/out-of-fold.ts";
import { liveTensors } from "../../../src/tensor/scope.ts";
import { dealtBlocks, labelNames, planOn, train } from "../../support/blocks.ts";
import { normals, seededRandom } from "../../support/random.ts";

interface Scored {
  readonly label: number;
  /** The best class and its probability. It is absent if no model scored the row. */
  readonly best?: readonly [k: number, score: number];
  readonly score?: number;
  readonly input?: number;
}

function rowsOf(rows: readonly Scored[]): LabelledRows {
  const outOfFold = emptyOutOfFold(rows.length);
  rows.forEach(({ best, score, label }, row) => {
    if (!best) return;
    outOfFold.best[row] = best[0];
    outOfFold.bestScore[row] = best[1];
    outOfFold.trueScore[row] = score ?? (best[0] === label ? best[1] : 1 - best[1]);
  });
  const digests = Int32Array.from(rows.flatMap(({ input }, row) => [input ?? 1_000 + row, 7]));
  return { given: Int32Array.from(rows, ({ label }) => label), digests, outOfFold, classes: 3 };
}

const sure = (label: number): Scored => ({ label, best: [label, 0.8] });

describe("contradictions", () => {
  it("are rows whose best class differs from their label, those with the largest ratio first", () => {
    const rows = rowsOf([
      ...[sure(0), sure(1), sure(0), sure(1)],
      { label: 0, best: [1, 0.9] },
      { label: 1, best: [0, 0.99] },
    ]);
    const found = labelIssues(rows, [], 10);
    expect(found.map(({ row, kind, suggested }) => [row, kind, suggested])).toEqual([
      [5, "contradiction", 0],
      [4, "contradiction", 1],
    ]);
    expect(found[0]?.score).toBeCloseTo(0.01);
    expect(found[0]?.suggestedScore).toBeCloseTo(0.99);
  });

  it("exclude rows whose score for the other class is hardly higher than usual", () => {
    expect(labelIssues(rowsOf([...[0, 1, 0, 1].map(sure), { label: 0, best: [1, 0.51] }]), [], 10)).toEqual([]);
  });

  it("are as many as the confident rows suggest, not as many as the misclassified rows", () => {
    const missed = Array.from({ length: 30 }, (): Scored => ({ label: 0, best: [1, 0.4], score: 0.12 }));
    const rows = rowsOf([...Array.from({ length: 38 }, (_, i) => sure(i % 2)), ...[0.9, 0.95].map(wrongBy), ...missed]);
    // 2 of the 40 confident rows are contradicted, which is 5 %. 5 % of all 70 rows are listed, beginning with the largest ratio.
    const found = labelIssues(rows, [], 100);
    expect(found).toHaveLength(4);
    expect(found.slice(0, 2).map(({ row }) => row)).toEqual([39, 38]);
  });

  it("include all rows where another class leads by a factor of ten", () => {
    const lenient = Array.from({ length: 20 }, (_, i): Scored => ({ label: i % 2, best: [i % 2, 0.99] }));
    const found = labelIssues(rowsOf([...lenient, wrongBy(0.95), wrongBy(0.89), wrongBy(0.93)]), [], 10);
    expect(found.map(({ row }) => row)).toEqual([20, 22]);
  });

  it("exclude rows where the better class is less than three times as probable", () => {
    const doubted = Array.from({ length: 5 }, (): Scored => ({ label: 0, best: [1, 0.6], score: 0.25 }));
    expect(labelIssues(rowsOf([...Array(20).fill(sure(0)), ...Array(20).fill(sure(1)), ...doubted]), [], 10)).toEqual(
      [],
    );
  });

  it("are limited to a few for a head with few rows per class, but not for a larger head", () => {
    const missed = (rows: number) => [...Array(3 * rows).fill(sure(0)), ...Array(rows).fill(wrongBy(0.95))];
    expect(labelIssues(rowsOf(missed(10)), [], 1_000)).toHaveLength(3); // of 40 rows
    expect(labelIssues(rowsOf(missed(4)), [], 1_000)).toHaveLength(2);
    expect(labelIssues(rowsOf(missed(50)), [], 1_000)).toHaveLength(50);
  });

  it("exclude rows without a score", () => {
    expect(labelIssues(rowsOf([sure(0), sure(1), { label: 0 }, { label: 1 }]), [], 10)).toEqual([]);
    expect(labelIssues({ ...rowsOf([sure(0), sure(1)]), outOfFold: null }, [], 10)).toEqual([]);
  });

  it("are limited to the requested number", () => {
    expect(labelIssues(rowsOf([...Array(9).fill(sure(1)), ...[0.9, 0.95, 0.99].map(wrongBy)]), [], 2)).toHaveLength(2);
  });
});

const wrongBy = (score: number): Scored => ({ label: 0, best: [1, score] });

describe("rows of one input", () => {
  it("are issues if most of its rows have another label, and come before every contradiction", () => {
    const rows = rowsOf([
      ...[wrongBy(0.999), sure(1), sure(1), sure(1)],
      ...[1, 2, 1].map((label): Scored => ({ label, best: [1, 0.6], score: label === 1 ? 0.6 : 0.3, input: 5 })),
    ]);
    const [first] = labelIssues(rows, [], 10);
    expect(first).toMatchObject({ row: 5, kind: "duplicate", suggested: 1, others: [4, 6] });
    expect(first?.score).toBeCloseTo(0.3);
    expect(first?.suggestedScore).toBeCloseTo(0.6);
  });

  it("are compared by score if two labels have equally many rows, and by order if there are no scores", () => {
    const scored = rowsOf([0, 1].map((label): Scored => ({ label, best: [1, 0.6], input: 5 })));
    expect(labelIssues(scored, [], 10)).toMatchObject([{ row: 0, suggested: 1, others: [1] }]);
    const unscored = rowsOf([0, 1].map((label) => ({ label, input: 5 })));
    expect(labelIssues(unscored, [], 10)).toMatchObject([{ row: 1, score: null, suggestedScore: null, others: [0] }]);
  });

  it("are no issues if their labels agree", () => {
    expect(labelIssues(rowsOf([0, 0, 0].map((label) => ({ label, input: 5 }))), [], 10)).toEqual([]);
  });
});

describe("near duplicates", () => {
  it("are listed once, for the row that is less certain of its label", () => {
    const rows = rowsOf([...Array(4).fill(sure(0)), ...Array(3).fill(sure(1)), { label: 1, best: [1, 0.7] }]);
    const found = labelIssues(
      rows,
      [
        { a: 0, b: 7 },
        { a: 2, b: 7 },
      ],
      10,
    );
    expect(found).toMatchObject([{ row: 7, kind: "near_duplicate", suggested: 0, others: [0, 2] }]);
  });

  const DIMS = 24;
  const random = seededRandom(3);
  const rows = Array.from({ length: 300 }, () => normals(random, DIMS));
  const nudged = (row: number, by: number): Float32Array =>
    (rows[row] as Float32Array).map((value) => value + by * random.normal());
  // The cosines with the original rows are 0.9995 twice, then 0.98 and 0.9.
  const all = [...rows, nudged(10, 0.03), nudged(11, 0.03), nudged(13, 0.2), nudged(14, 0.5)];
  const blocks = () => dealtBlocks(DIMS, all, (own) => Int32Array.from(own, (i) => labelOf(i)));
  /** Every row except 301 has another label than its near duplicate. */
  const labelOf = (i: number): number => (i < 300 ? i % 3 : i === 301 ? 2 : 0);
  const plan = planOn(blocks(), labelNames(3));
  const places = Array.from({ length: 5 }, (_, fold) => all.flatMap((_row, i) => (i % 5 === fold ? [i] : []))).flat();
  const given = Int32Array.from(places, labelOf);

  async function pairs(): Promise<number[][]> {
    const { scaler } = await train(plan, blocks());
    if (!scaler) throw new Error("There is no scaler");
    const data = await TrainingData.open(blocks());
    const found = await nearDuplicates(data, { plan, scaler, given, turns: new Turns(1, async () => undefined) });
    data.dispose();
    return found.map(({ a, b }) => [places[a] as number, places[b] as number].sort((x, y) => x - y));
  }

  it("are found among hundreds of rows, but only if their labels differ", async () => {
    expect(await pairs()).toEqual([[10, 300]]);
  });

  it("are nearly all those that an exhaustive comparison finds", async () => {
    const more = Array.from({ length: 600 }, () => normals(random, DIMS));
    const near = more.slice(0, 100).map((row) => row.map((value) => value + 0.1 * random.normal()));
    const both = [...more, ...near];
    const blocks = dealtBlocks(DIMS, both, (own) => Int32Array.from(own, (i) => (i < 600 ? 0 : 1)));
    const order = Array.from({ length: 5 }, (_, fold) => both.flatMap((_row, i) => (i % 5 === fold ? [i] : []))).flat();
    const data = await TrainingData.open(blocks);
    const found = await nearDuplicates(data, {
      plan: planOn(blocks, labelNames(2)),
      turns: new Turns(1, async () => undefined),
      scaler: {
        mean: new Float32Array(DIMS),
        inverse: new Float32Array(DIMS).fill(1),
        target: { mean: 0, deviation: 1 },
      },
      given: Int32Array.from(order, (i) => (i < 600 ? 0 : 1)),
    });
    data.dispose();
    const all = more.flatMap((row) => near.filter((other) => cosineOf(row, other) >= 0.99)).length;
    expect(all).toBeGreaterThan(60);
    expect(found.length).toBeGreaterThanOrEqual(0.97 * all);
    expect(found.length).toBeLessThanOrEqual(all + 2); // rounding to 16 bits can raise a cosine
  });

  it("are the same on every run, and leave no tensor behind", async () => {
    const first = await pairs();
    const before = liveTensors();
    expect(await pairs()).toEqual(first);
    expect(liveTensors()).toBe(before);
  });
});

function cosineOf(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, d) => sum + value * (y[d] as number), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
