// The initial curvature of an optimiser: exact if features vary independently.
import { beforeAll, describe, expect, it } from "vitest";
import { type Checkpoint, startTraining } from "../../../src/engine/checkpoint.ts";
import { linear } from "../../../src/engine/heads/linear.ts";
import { addRows, emptyMoments, spreadOf } from "../../../src/engine/heads/scaler.ts";
import { evenDiagonal } from "../../../src/engine/optimisers/diagonal.ts";
import { curvatureOf } from "../../../src/engine/passes/curvature.ts";
import { type PlanRequest, planTraining, shapeFor } from "../../../src/engine/plan.ts";
import { bootTensor } from "../../../src/tensor/boot.ts";
import { paddedDims } from "../../../src/tensor/features.ts";
import { SLAB, slabIndex, slabsOf } from "../../../src/tensor/products.ts";
import { labelNames, type MemoryBlocks, memoryBlocks, planOn, train } from "../../support/blocks.ts";
import { integers, normals, type Random, seededRandom } from "../../support/random.ts";
import { clusterBlocks } from "../../support/samples.ts";

const [DIMS, LABELS, L2] = [5, 10, 0.01];
const MEANS = [0, 3, -1, 0.5, 0.5];
const DEVIATIONS = [1, 2, 0.1, 5, 0];
const ROWS = 2 ** DIMS;

/** Every combination of signs: columns that are uncorrelated to the last bit. */
const features = Float32Array.from({ length: ROWS * DIMS }, (_, i) => {
  const [row, d] = [Math.floor(i / DIMS), i % DIMS];
  return (MEANS[d] as number) + ((row >> d) & 1 ? 1 : -1) * (DEVIATIONS[d] as number);
});

const asTheyAre = { mean: new Float32Array(DIMS), inverse: new Float32Array(DIMS).fill(1) };
const request = {
  task: "classification",
  recipe: "linear",
  dims: DIMS,
  labels: labelNames(LABELS),
  seed: 0,
  rounds: 1,
  foldRows: [4, 4],
} as const satisfies PlanRequest;

/** Index of parameter `d` of output `k`: a weight, or after them the bias. */
function indexOf(k: number, d: number): number {
  const padded = paddedDims(DIMS);
  return d < DIMS ? slabIndex(padded, d, k) : Math.ceil(LABELS / SLAB) * SLAB * padded + k;
}

/** Indices of all parameters of output `k`, the bias last. */
const indicesOf = (k: number): number[] => Array.from({ length: DIMS + 1 }, (_, d) => indexOf(k, d));

/** (scale · E[x·xᵀ] + l2 on weights) · step, where x has a 1 for the bias: from the rows themselves. */
function hessianTimes(step: Float32Array, scale: number): Float32Array {
  const out = new Float32Array(step.length);
  for (let k = 0; k < LABELS; k++) {
    const at = indicesOf(k);
    for (let r = 0; r < ROWS; r++) {
      const x = [...features.subarray(r * DIMS, (r + 1) * DIMS), 1];
      const along = x.reduce((sum, value, d) => sum + value * (step[at[d] as number] as number), 0);
      at.forEach((i, d) => {
        out[i] = (out[i] as number) + (scale * along * (x[d] as number)) / ROWS;
      });
    }
    for (const i of at.slice(0, -1)) out[i] = (out[i] as number) + L2 * (step[i] as number);
  }
  return out;
}

beforeAll(() => bootTensor());

describe("the curvature from variances", () => {
  it.each([
    ["multilabel", 0.1],
    ["classification", 0.25 / LABELS],
  ] as const)("inverts, for %s, the effect of features that are not centred on a step", (task, ofLogit) => {
    const plan = planTraining({ ...request, task });
    const spread = spreadOf(addRows(emptyMoments(DIMS), features), asTheyAre);
    const step = normals(seededRandom(1), linear.size(shapeFor(plan, "linear")));
    const diagonal = evenDiagonal(spread, ofLogit, paddedDims(DIMS), slabsOf(LABELS) * SLAB);
    const found = curvatureOf({ ...startTraining(plan), diagonal }, L2)?.(hessianTimes(step, ofLogit));
    for (let k = 0; k < LABELS; k++) for (const i of indicesOf(k)) expect(found?.[i]).toBeCloseTo(step[i] as number, 3);
  });

  it("is used for fits with more dimensions than a Gram matrix allows, but not for fits of few rows or for updates", () => {
    const many = { ...request, foldRows: [4_000, 4_000] };
    expect(planTraining(many).curvature).toBe("gram");
    expect(planTraining({ ...many, dims: 513 }).curvature).toBe("diagonal");
    expect(planTraining({ ...many, updates: { l2: L2 } }).curvature).toBe("none");
    expect(planTraining(request).curvature).toBe("none");
  });

  describe("of a head with a Gram matrix", () => {
    const blocks = () => clusterBlocks(DIMS, 3, 2);
    /** The fits in which the curvature is measured. */
    const measuredIn = async (options: object): Promise<string[]> => {
      const found = new Set<string>();
      const between = (state: Checkpoint): Checkpoint => {
        if (state.phase === "diagonal") found.add(state.next);
        return state;
      };
      const plan = planOn(blocks(), labelNames(3), options);
      expect(plan.curvature).toBe("gram");
      await train(plan, blocks(), { budget: 1, between });
      return [...found];
    };

    it("is measured for one long fit of a single strength, but not on a path or in each of many rounds", async () => {
      expect(await measuredIn({ rounds: 1, options: { l2: 1e-6 } })).toEqual(["refit"]);
      expect(await measuredIn({ rounds: 1 })).toEqual([]);
      expect(await measuredIn({ options: { l2: 1e-6 } })).toEqual([]);
    });
  });

  describe("of a wide head", () => {
    const [dims, rows] = [520, 1_200];
    const wide = (labels: number, l2: number) =>
      planTraining({
        ...request,
        dims,
        labels: labelNames(labels),
        foldRows: [rows / 2, rows / 2],
        options: { scaling: "uniform", l2 },
      });
    /** Two folds of rows with numbers drawn by `numberOf`. */
    const wideBlocks = (
      labels: number,
      numberOf: (random: Random, label: number, d: number) => number,
    ): MemoryBlocks => {
      const random = seededRandom(3);
      const fold = () => {
        const targets = integers(random, rows / 2, labels);
        const features = Float32Array.from({ length: (rows / 2) * dims }, (_, i) =>
          numberOf(random, targets[Math.floor(i / dims)] as number, i % dims),
        );
        return [{ rows: rows / 2, features, targets }];
      };
      return memoryBlocks({ dims, folds: [fold(), fold()] });
    };
    const evaluations = async (...args: Parameters<typeof train>): Promise<number> =>
      (await train(...args)).trials[0]?.evaluations as number;

    it("saves at least four tenths of the evaluations if each dimension has its own scale", async () => {
      const plan = wide(3, 1e-3);
      const blocks = wideBlocks(
        3,
        (random, label, d) => (random.normal() + (d % 3 === label ? 0.2 : 0)) * 10 ** -((d % 7) / 2),
      );
      const unguided = await evaluations({ ...plan, curvature: "none" }, blocks);
      expect(await evaluations(plan, blocks)).toBeLessThanOrEqual(0.6 * unguided);
    });

    it("is measured once on the path, at the current point of a long fit, and once at the start of the final fit", async () => {
      const blocks = wideBlocks(40, (random, label, d) => (random.next() < (d % 40 === label ? 0.4 : 0.04) ? 1 : 0));
      const measured: (readonly [string, iterations: number | undefined])[] = [];
      let last: Checkpoint["phase"] = "scale";
      const between = (state: Checkpoint): Checkpoint => {
        const { phase, next, fits, optimiser } = state;
        if (phase === "diagonal" && last !== phase) measured.push([next, (fits[0] ?? optimiser)?.iterations]);
        last = phase;
        return state;
      };
      await train({ ...wide(40, 1e-4), path: [1e-2, 1e-4] }, blocks, { budget: 1, between });
      expect(measured).toEqual([
        ["select", 5],
        ["refit", 0],
      ]);
    });
  });
});
