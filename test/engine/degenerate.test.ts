// Unusual data that real callers send: every training ends with finite numbers.
import { describe, expect, it } from "vitest";
import { readyHead } from "../../src/engine/heads/ready-head.ts";
import { packSets } from "../../src/engine/heads/sigmoid.ts";
import type { TrainingOutcome } from "../../src/engine/outcome.ts";
import type { PlanRequest } from "../../src/engine/plan.ts";
import { scoreRows } from "../../src/serving/answer.ts";
import { dealtBlocks, labelNames, outcomeOn, planOn } from "../support/blocks.ts";
import { normals, seededRandom } from "../support/random.ts";

type Rows = readonly Float32Array[];

/** The paths of all numbers in `value` that are NaN or infinite. */
function unsound(value: unknown, path = ""): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [`${path} is ${value}`];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => unsound(inner, `${path}/${key}`));
}

/** Trains, and checks that metrics, weights and the head's answers for its own rows are finite. */
async function ends(
  rows: Rows,
  targetOf: (row: number) => number,
  more: Partial<PlanRequest>,
): Promise<TrainingOutcome> {
  const dims = rows[0]?.length ?? 0;
  const { task = "classification" } = more;
  const labels = task === "regression" ? [] : (more.labels ?? []);
  const encode = (own: readonly number[]) =>
    task === "classification"
      ? Int32Array.from(own, targetOf)
      : task === "regression"
        ? Float32Array.from(own, targetOf)
        : packSets(
            own.map((row) => labels.flatMap((_, k) => ((targetOf(row) >> k) & 1 ? [k] : []))),
            labels.length,
          );
  const blocks = () => dealtBlocks(dims, rows, encode);
  const outcome = await outcomeOn(planOn(blocks(), labels, more), blocks());
  expect(unsound(outcome)).toEqual([]);
  const features = Float32Array.from(rows.slice(0, 5).flatMap((row) => [...row]));
  expect(unsound(await scoreRows(readyHead(outcome.final), features, { coverage: 0.9 }))).toEqual([]);
  return outcome;
}

/** The same features for a classification, label sets and values. */
async function endsForEveryTask(rows: Rows): Promise<void> {
  await ends(rows, (row) => row % 3, { labels: labelNames(3) });
  await ends(rows, (row) => row % 8, { task: "multilabel", labels: labelNames(3) });
  await ends(rows, (row) => row % 7, { task: "regression" });
}

const random = seededRandom(5);
const cloud = (rows: number, dims: number, scaleOf: (d: number) => number = () => 1): Float32Array[] =>
  Array.from({ length: rows }, () => normals(random, dims).map((value, d) => value * scaleOf(d)));

const FEATURES: Readonly<Record<string, () => Rows>> = {
  "all zero": () => cloud(30, 4, () => 0),
  constant: () => cloud(30, 4, () => 0).map((row) => row.fill(0.1)),
  "constant but for one": () => cloud(30, 4, (d) => (d === 2 ? 1 : 0)),
  "one number": () => cloud(30, 1),
  "the same row over and over": () => Array<Float32Array>(30).fill(Float32Array.of(1, -2, 3)),
  "the same column over and over": () => cloud(60, 1).map((row) => new Float32Array(40).fill(row[0] as number)),
  "of a millionth of a millionth of a millionth of a millionth of a millionth": () => cloud(40, 5, () => 1e-30),
  "of 1e30": () => cloud(40, 5, () => 1e30),
  "of the largest numbers there are": () =>
    cloud(40, 3).map((row, i) => row.map((value) => (i % 4 === 0 ? 3.4e38 * Math.sign(value) : value))),
  "of scales from 1e-30 to 1e30": () => cloud(60, 7, (d) => 10 ** (10 * (d - 3))),
  "fewer rows than dimensions": () => cloud(6, 30),
  "far from zero": () => cloud(40, 3).map((row) => row.map((value) => 1e7 + value)),
};

it.each(Object.keys(FEATURES))("a training ends with finite metrics for every task on features %s", async (name) => {
  await endsForEveryTask((FEATURES[name] as () => Rows)());
});

// The path once reached strengths smaller than the rounding error of the Gram matrix. Its inversion then failed, and so did the
// job.
it.each([
  ["classification", { labels: labelNames(2) }],
  ["regression", { task: "regression", options: { l2: 1e-6 } }],
] as const)(
  "a training ends with finite metrics if rows span three of 128 dimensions, without noise: %s",
  async (task, more) => {
    const random = seededRandom(6);
    const basis = [normals(random, 128), normals(random, 128), normals(random, 128)] as const;
    const factors = Array.from({ length: 1_500 }, () => normals(random, 3));
    const rows = factors.map(([a = 0, b = 0, c = 0]) =>
      Float32Array.from(basis[0], (u, d) => a * u + b * (basis[1][d] as number) + c * (basis[2][d] as number)),
    );
    const factorOf = (row: number): number => factors[row]?.[0] as number;
    const { metrics } = await ends(
      rows,
      (row) => (task === "regression" ? factorOf(row) : Number(factorOf(row) > 0)),
      more,
    );
    const figures = metrics.validation as { accuracy?: number; r2?: number };
    expect(figures.accuracy ?? figures.r2).toBeGreaterThan(0.99);
  },
);

describe("labels", () => {
  it("are separated with finite weights if a line separates them perfectly", async () => {
    const rows = cloud(60, 3).map((row, i) => row.map((value, d) => (d === 0 ? (i % 2 ? 5 : -5) : value)));
    const { metrics } = await ends(rows, (row) => row % 2, { labels: labelNames(2) });
    expect(metrics.validation).toMatchObject({ accuracy: 1 });
  });

  it("can be trained with two examples each", async () => {
    const rows = Array.from({ length: 20 }, (_, i) =>
      Float32Array.from({ length: 10 }, (_d, d) => (d === i >> 1 ? 1 : 0)),
    );
    const { metrics } = await ends(rows, (row) => row >> 1, { labels: labelNames(10) });
    expect(metrics.validation).toMatchObject({ examples: 20, accuracy: 1 });
  });

  it("can be trained if there are 1,000 of them", async () => {
    const options = { l2: 0.001, max_iterations: 5 };
    const { metrics } = await ends(cloud(2_000, 4), (row) => row % 1_000, { labels: labelNames(1_000), options });
    expect((metrics.validation as { per_label: unknown[] }).per_label).toHaveLength(1_000);
  });

  it("can be trained if one of them has a single example, with balanced weights or not", async () => {
    const rows = cloud(60, 3);
    for (const class_weight of ["balanced", null] as const) {
      const { metrics } = await ends(rows, (row) => (row === 7 ? 1 : 0), {
        labels: labelNames(2),
        options: { class_weight },
      });
      expect(metrics.validation.examples).toBe(60);
    }
  });

  it("can be trained in sets if every row has one label and none has another, with balanced weights or not", async () => {
    for (const class_weight of ["balanced", null] as const) {
      const more = { task: "multilabel", labels: labelNames(3), options: { class_weight } } as const;
      const { metrics } = await ends(cloud(40, 3), (row) => 0b001 | (row % 2 ? 0b010 : 0), more);
      expect(metrics.validation.examples).toBe(40);
    }
  });

  it("get equal probabilities if they contradict one another on the same rows", async () => {
    const rows = Array<Float32Array>(40).fill(Float32Array.of(1, 2));
    const { metrics } = await ends(rows, (row) => (row % 4 < 2 ? 0 : 1), { labels: labelNames(2) });
    expect((metrics.validation as { log_loss: number }).log_loss).toBeCloseTo(Math.LN2, 1);
  });
});

describe("values", () => {
  it("are predicted without error if all are equal", async () => {
    const { metrics } = await ends(cloud(30, 3), () => 4.25, { task: "regression" });
    expect(metrics.validation).toEqual({ examples: 30, mae: 0, rmse: 0, r2: 0 });
  });

  it.each([1e-20, 1e30, 3e38])("around %f are fitted in their own units", async (size) => {
    const rows = cloud(40, 2);
    const { metrics } = await ends(rows, (row) => size * Math.tanh(rows[row]?.[0] as number), { task: "regression" });
    expect((metrics.validation as { r2: number }).r2).toBeGreaterThan(0.5);
  });

  it("can be trained on three rows", async () => {
    expect((await ends(cloud(3, 2), (row) => row, { task: "regression" })).metrics.validation.examples).toBe(3);
  });
});

it("a training on 4,096 dimensions succeeds for every task", async () => {
  const options = { l2: 0.01 };
  const rows = cloud(20, 4_096);
  await ends(rows, (row) => row % 2, { labels: labelNames(2), options });
  await ends(rows, (row) => row % 4, { task: "multilabel", labels: labelNames(2), options });
  await ends(rows, (row) => row, { task: "regression", options });
});
