// What a training is going to do, settled before it starts and frozen into its checkpoint.

import type { Task } from "../contract/heads.ts";
import type { HeadKindName, RecipeOptions } from "../contract/recipes.ts";
import { LIMITS } from "../core/limits.ts";
import { WORK } from "../core/work.ts";
import { paddedDims } from "../tensor/features.ts";
import type { HeadShape } from "./heads/kind.ts";
import { HEAD_KINDS } from "./heads/registry.ts";
import type { Scaling } from "./heads/scaler.ts";
import type { LbfgsOptions } from "./lbfgs.ts";
import { HIDDEN, isLargeHead } from "./memory-need.ts";

/** What the path of strengths is judged by, on rows held out. */
export type SelectionMetric = "log_loss" | "accuracy" | "macro_f1";

export interface Plan {
  readonly task: Task;
  /** Kinds of head to try, in order; the best on held-out rows is kept. */
  readonly kinds: readonly HeadKindName[];
  readonly dims: number;
  /** Empty for a regression. */
  readonly labels: readonly string[];
  /** What the values of a regression are counted from. */
  readonly valueOffset: number;
  readonly hidden: number;
  readonly seed: number;
  readonly scaling: Scaling;
  readonly metric: SelectionMetric;
  /** Whether every label counts alike, however many examples it has. */
  readonly balanced: boolean;
  /** Rows of every fold. */
  readonly foldRows: readonly number[];
  /** Folds held out in turn: the first ones. 0: every row is, by leave-one-out in closed form. */
  readonly rounds: number;
  /** Strengths of l2 regularisation to try, strongest first: the objective is mean loss + l2/2·|W|². */
  readonly path: readonly number[];
  readonly maxIterations: number;
  readonly maxEpochs: number;
  /** What serves as first curvature: the Gram matrix of the features, its diagonal, or neither: for few rows, or an update. */
  readonly curvature: "gram" | "diagonal" | "none";
  /** Whether the folds that choosing did not hold out are held out once more, for scores of every example. */
  readonly audit: boolean;
  /** Shares of the rows that a learning curve is to be of, smallest first; none unless it is asked for. */
  readonly curve: readonly number[];
  /** Operations after which the search ends with what it has; null: when it is done. */
  readonly mostWork: number | null;
}

/** Two strengths to a decade. Strong ones come first: they converge in a few passes and warm-start the next. */
const STRENGTHS = [
  ...[1, 0.3162, 0.1, 0.03162, 0.01, 0.003162, 0.001, 0.0003162, 0.0001, 0.00003162, 0.00001, 0.000003162, 0.000001],
  ...[0.0000003162, 0.0000001],
];
const STRENGTHS_TRIED = 13;
/** Strength times rows at which the prior outweighs the examples: with many rows the path begins weaker. */
const STRONGEST_PER_ROW = 1_000;

const MAX_ITERATIONS = 300;
const MAX_EPOCHS = 30;

/** Rows for every dimension from which on a Gram matrix says more than it costs, and no fit goes through every row. */
const ROWS_PER_DIMENSION = 2;

/** Rows of every output from which on a hidden layer has something to find that a linear head has not. */
const ROWS_FOR_HIDDEN = { perOutput: 500, atLeast: 2_000 };

export interface PlanRequest {
  readonly task: Task;
  readonly recipe: "auto" | HeadKindName;
  readonly dims: number;
  readonly labels: readonly string[];
  readonly seed: number;
  readonly foldRows: readonly number[];
  readonly rounds: number;
  /** Whether rows may be judged by the folds alone, not each by itself. */
  readonly foldsOnly?: boolean;
  readonly valueOffset?: number;
  readonly options?: RecipeOptions;
  /** The strength of the version that an update goes on from; no other is tried. */
  readonly updates?: { readonly l2: number } | undefined;
}

export function planTraining(request: PlanRequest): Plan {
  const {
    task,
    recipe,
    dims,
    labels,
    seed,
    foldRows,
    rounds,
    foldsOnly = false,
    valueOffset = 0,
    options = {},
    updates,
  } = request;
  const rows = total(foldRows);
  const hasManyRows = !updates && rows >= ROWS_PER_DIMENSION * dims;
  const isJudgedByRow = hasManyRows && !foldsOnly && rounds > 0;
  const closedForm = isJudgedByRow && task === "regression" && recipe !== "mlp" && dims <= LIMITS.gramDimensions;
  return {
    ...{ task, dims, labels, valueOffset, seed, foldRows },
    rounds: closedForm ? 0 : rounds,
    kinds: kindsFor(recipe, rows, Math.max(1, labels.length), task),
    hidden: options.hidden_units ?? hiddenFor(dims + labels.length),
    scaling: options.scaling ?? "auto",
    metric: options.metric ?? "log_loss",
    balanced: options.class_weight === "balanced",
    path: updates ? [updates.l2] : options.l2 === undefined ? pathFor(rows) : [options.l2],
    maxIterations: options.max_iterations ?? MAX_ITERATIONS,
    maxEpochs: options.max_epochs ?? MAX_EPOCHS,
    curvature: !hasManyRows ? "none" : dims <= LIMITS.gramDimensions ? "gram" : "diagonal",
    audit: !updates && task === "classification" && rows <= LIMITS.auditedRows && !isLarge({ dims, labels }),
    curve: options.learning_curve && !closedForm && !updates && foldRows[0] ? sharesFor(rows - foldRows[0]) : [],
    mostWork: options.max_seconds_of_work === undefined ? null : options.max_seconds_of_work * WORK.perSecond,
  };
}

/** As many as the weights of both layers may be; `ends`: what a unit is connected with. */
const hiddenFor = (ends: number): number => Math.min(HIDDEN, Math.floor(LIMITS.hiddenParameters / ends));

function kindsFor(recipe: PlanRequest["recipe"], rows: number, outputs: number, task: Task): HeadKindName[] {
  if (recipe !== "auto") return [recipe];
  const { perOutput, atLeast } = ROWS_FOR_HIDDEN;
  const carries = task !== "regression" && rows >= Math.max(atLeast, perOutput * outputs);
  return carries ? ["linear", "mlp"] : ["linear"];
}

function pathFor(rows: number): number[] {
  const start = STRENGTHS.findLastIndex((strength) => strength * rows >= STRONGEST_PER_ROW);
  return STRENGTHS.slice(Math.max(0, start)).slice(0, STRENGTHS_TRIED);
}

const SHARES = [0.1, 0.25, 0.5, 1];
/** Fewer rows say nothing of how a curve goes. */
const LEAST_ROWS_OF_SHARE = 10;

const sharesFor = (rows: number): number[] =>
  SHARES.filter((share) => share === 1 || share * rows >= LEAST_ROWS_OF_SHARE);

export const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export const shapeFor = ({ dims, labels, hidden }: Plan, kind: HeadKindName): HeadShape => ({
  ...{ dims, outputs: Math.max(1, labels.length), hidden: kind === "mlp" ? hidden : 0 },
});

/** Settings for a stop on the path, where a rough answer tells which strength is best. */
export const roughly = (plan: Plan): LbfgsOptions => ({
  gradientTolerance: 1e-4,
  decreaseTolerance: 5e-3,
  ...commonOptions(plan),
});

/** Rows up to which a few more passes cost nothing, and accuracy tells less than loss. */
const FEW_ROWS = 5_000;
export const hasFewRows = ({ foldRows }: Plan): boolean => total(foldRows) <= FEW_ROWS;

/** The same where the best hardly is: at the strongest of all, and once the path has turned, in case it turns again. */
export const inPassing = (plan: Plan): LbfgsOptions =>
  hasFewRows(plan) ? roughly(plan) : { ...roughly(plan), decreaseTolerance: 2e-2 };

/**
 * Settings for the fit that is kept. Of a coarse tolerance, one short step may be chance; not where the fit goes on from an
 * optimum of nearly the same rows.
 */
export function finely(plan: Plan, isUpdate = false): LbfgsOptions {
  const stop = hasFewRows(plan) ? { decreaseTolerance: 1e-4 } : { decreaseTolerance: 5e-4, patience: isUpdate ? 1 : 2 };
  return { ...stop, gradientTolerance: 1e-5, ...commonOptions(plan) };
}

const commonOptions = (plan: Plan): Pick<LbfgsOptions, "maxIterations" | "memory" | "ownsSteps"> => ({
  maxIterations: plan.maxIterations,
  memory: memoryOf(plan),
  // No fold of a large head is audited: nothing else goes on from a fit of its.
  ...(isLarge(plan) ? { ownsSteps: true } : {}),
});

/** Parameters beyond which every pair more is felt between two passes: each is gone over four times an iteration. */
const MANY_PARAMETERS = 50_000;

/**
 * Whether a linear head has so many weights that a vector of them is megabytes: its gradient is summed up in float32, its
 * curvature is not measured, its rows do not stay in memory, and no fold is held out but to choose by.
 */
export const isLarge = ({ dims, labels }: Pick<Plan, "dims" | "labels">): boolean => isLargeHead(dims, labels.length);

/** Pairs of an optimiser: few where a Gram matrix knows the curvature, and as many as memory has room for. */
function memoryOf(plan: Plan): number {
  const size = HEAD_KINDS.linear.size(shapeFor(plan, "linear"));
  const wanted = plan.curvature === "gram" ? 5 : size > MANY_PARAMETERS ? 6 : 10;
  const bytes = isLarge(plan) ? LIMITS.largeHistoryBytes : LIMITS.optimiserHistoryBytes;
  const most = Math.floor(bytes / (8 * size * Math.max(1, plan.rounds)));
  return Math.max(isLarge(plan) ? 1 : 2, Math.min(wanted, most));
}

/** Dimensions of the Gram matrix. */
export const gramDims = ({ dims }: Plan): number => paddedDims(dims);
