// Before any fit: computes the scaler, the class weights, and the Gram matrix of the features.
import { invertRows } from "../../tensor/inversion.ts";
import { addGram, SLAB, slabsOf } from "../../tensor/products.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { addRows, emptyMoments, type Moments, type Spread, scalerOf, spreadOf } from "../heads/scaler.ts";
import { type Diagonal, evenDiagonal, LEAST_RIDGE } from "../optimisers/diagonal.ts";
import {
  type Inversion,
  inverseOf,
  rowsOfInversion,
  startInversion,
  transposedFactorOf,
} from "../optimisers/spd-inverse.ts";
import { gramDims, type Plan, total } from "../plan.ts";
import type { LabelRules } from "../tasks/kind.ts";
import { TASK_KINDS } from "../tasks/registry.ts";
import { curvatureScale } from "./curvature.ts";
import { allFolds, type Computation, type Pass } from "./pass.ts";

interface ScaleSums {
  readonly features: Moments;
  readonly values: Moments | null;
  /** Examples of each class, or with each label. */
  readonly counts: Float64Array;
}

/** Mean and deviation of every dimension, and the number of examples of each label. Test rows are excluded from all of it. */
export const scale: Pass<ScaleSums> = {
  parts: allFolds,
  // Rows are read for the first time and summed in float64: each number takes as long as some hundred operations of a product.
  work: ({ plan }, rows) => 100 * rows * plan.dims,
  begin: ({ plan }) => ({
    features: emptyMoments(plan.dims),
    values: rulesOf(plan) ? null : emptyMoments(1),
    counts: new Float64Array(plan.labels.length),
  }),
  add: (sums, block, { plan }) => {
    addRows(sums.features, block.raw());
    if (sums.values) addRows(sums.values, block.targets as Float32Array);
    else rulesOf(plan)?.count(sums.counts, block.targets, block.rows);
    return sums;
  },
  finish: (state, { features, values, counts }) => {
    const scaler = scalerOf({ features, values, scaling: state.plan.scaling });
    const { plan } = state;
    const diagonal = plan.curvature === "diagonal" ? startingDiagonal(plan, spreadOf(features, scaler)) : null;
    const next = { ...state, scaler, diagonal, classWeights: classWeightsOf(plan, counts) };
    return { ...next, phase: plan.curvature === "gram" ? "gram" : "next_kind" };
  },
};

const startingDiagonal = (plan: Plan, spread: Spread): Diagonal =>
  evenDiagonal(spread, curvatureScale(plan), gramDims(plan), slabsOf(Math.max(1, plan.labels.length)) * SLAB);

const rulesOf = ({ task }: Plan): LabelRules | null => TASK_KINDS[task].targets.labels;

/** scikit-learn's "balanced": rows / (classes · rows of the class); for a label that is set, rows without / rows with it. */
function classWeightsOf(plan: Plan, counts: Float64Array): Float32Array | null {
  const { balanced, labels, foldRows } = plan;
  const rules = rulesOf(plan);
  if (!balanced || !rules) return null;
  const rows = total(foldRows);
  const weights = new Float32Array(slabsOf(labels.length) * SLAB);
  counts.forEach((count, k) => {
    weights[k] = count === 0 ? 1 : rules.balancedWeight(count, rows, labels.length);
  });
  return weights;
}

interface GramSums {
  readonly matrix: Float64Array;
  rows: number;
}

/** Rows per dimension that are enough for a Gram matrix that only preconditions the optimiser. */
const GRAM_ROWS_PER_DIMENSION = 32;

export const gram: Pass<GramSums> = {
  parts: allFolds,
  work: ({ plan }, rows) => rows * gramDims(plan) ** 2,
  mostRows: ({ plan }) => (plan.rounds === 0 ? Number.MAX_VALUE : GRAM_ROWS_PER_DIMENSION * plan.dims),
  begin: ({ plan }) => ({ matrix: new Float64Array(gramDims(plan) ** 2), rows: 0 }),
  add: (sums, block) => {
    addGram(block.scaled(), sums.matrix);
    sums.rows += block.rows;
    return sums;
  },
  finish: (state, { matrix, rows }) => ({ ...state, gram: matrix.map((sum) => sum / rows), phase: "next_kind" }),
};

/** Rows of the matrix inverted per step: enough that their work outweighs copying the matrix. */
const invertedAtOnce = ({ plan }: Pick<Checkpoint, "plan">): number =>
  Math.min(rowsOfInversion(gramDims(plan)), Math.ceil(65_536 / gramDims(plan)));

/** (scale · Gram + l2 · 1)⁻¹, at the strength of the next fit. */
export const invert: Computation<Inversion> = {
  steps: (state) => Math.ceil(rowsOfInversion(gramDims(state.plan)) / invertedAtOnce(state)),
  stepWork: (state) => 4 * invertedAtOnce(state) * gramDims(state.plan) ** 2,
  begin: (state) => inversionAt(state, LEAST_RIDGE),
  step: (inversion, index, state) => {
    const from = index * invertedAtOnce(state);
    const end = Math.min(rowsOfInversion(gramDims(state.plan)), from + invertedAtOnce(state));
    let at = inversion;
    for (let row = from; row < end; ) {
      row += invertRows(at, row, end - row);
      if (row < end) at = heavier(state, row++);
    }
    return at;
  },
  finish: (state, inversion) => {
    const factor = state.plan.rounds === 0 ? transposedFactorOf(inversion) : null;
    const curvature = { l2: state.curvature?.l2 as number, matrix: inverseOf(inversion), factor };
    return { ...state, curvature, phase: state.next };
  },
};

/**
 * Retries the inversion up to `row` with larger ridges, until the matrix is positive definite so far. If the rows span few of
 * many dimensions, a weak strength is smaller than the rounding error in the sums of the Gram matrix.
 */
function heavier(state: Checkpoint, row: number): Inversion {
  for (let ridge = 10 * LEAST_RIDGE; ridge < 1e3; ridge *= 10) {
    const inversion = inversionAt(state, ridge);
    if (invertRows(inversion, 0, row + 1) > row) return inversion;
  }
  throw new Error("The Gram matrix cannot be inverted at any ridge");
}

const inversionAt = (state: Checkpoint, leastRidge: number): Inversion =>
  startInversion(curvatureMatrix(state, leastRidge), gramDims(state.plan));

function curvatureMatrix({ gram, curvature, plan }: Checkpoint, leastRidge: number): Float64Array {
  const dims = gramDims(plan);
  const scale = curvatureScale(plan);
  const matrix = (gram as Float64Array).map((value) => scale * value);
  for (let d = 0; d < plan.dims; d++) {
    const at = d * dims + d;
    matrix[at] = (matrix[at] as number) + Math.max(curvature?.l2 as number, leastRidge);
  }
  for (let d = plan.dims; d < dims; d++) matrix[d * dims + d] = 1;
  return matrix;
}
