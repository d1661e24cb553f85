// The plan of a training: decided before it starts, and stored unchanged in its checkpoint.
import { HEAD_KIND_NAMES, type HeadKindName, type RecipeOptions, type SelectionMetric } from "../contract/recipes.ts";
import type { Task } from "../contract/tasks.ts";
import { LIMITS } from "../core/limits.ts";
import { WORK } from "../core/work.ts";
import { paddedDims } from "../tensor/features.ts";
import type { HeadKind, HeadShape } from "./heads/kind.ts";
import { linear } from "./heads/linear.ts";
import { HEAD_KINDS } from "./heads/registry.ts";
import type { Scaling } from "./heads/scaler.ts";
import { HIDDEN, isLargeHead } from "./memory-need.ts";
import { TASK_KINDS } from "./tasks/registry.ts";

export interface Plan {
  readonly task: Task;
  /** Kinds of head to try, in order. The best one on held-out rows is kept. */
  readonly kinds: readonly HeadKindName[];
  readonly dims: number;
  /** Empty for a regression. */
  readonly labels: readonly string[];
  /** The offset subtracted from the values of a regression. */
  readonly valueOffset: number;
  readonly hidden: number;
  readonly seed: number;
  readonly scaling: Scaling;
  /** The metric on held-out rows that selects a strength. */
  readonly metric: SelectionMetric;
  /** Whether all labels have equal weight, however many examples they have. */
  readonly balanced: boolean;
  /** Rows of each fold. */
  readonly foldRows: readonly number[];
  /** Number of folds held out in turn: the first ones. 0: every row is held out, by leave-one-out in closed form. */
  readonly rounds: number;
  /** Strengths of l2 regularisation to try, strongest first. The objective is mean loss + l2/2·|W|². */
  readonly path: readonly number[];
  readonly maxIterations: number;
  readonly maxEpochs: number;
  /** Source of the initial curvature: the Gram matrix of the features, its diagonal, or none, for few rows or an update. */
  readonly curvature: "gram" | "diagonal" | "none";
  /** Whether folds that were not held out while choosing are held out once more, to score every example. */
  readonly audit: boolean;
  /** Shares of the rows for the learning curve, smallest first; empty unless requested. */
  readonly curve: readonly number[];
  /** Operations after which the search ends with its best result so far; null: no limit. */
  readonly mostWork: number | null;
}

/** Two strengths per decade. Strong ones come first: they converge in a few passes and warm-start the next. */
const STRENGTHS = [
  ...[1, 0.3162, 0.1, 0.03162, 0.01, 0.003162, 0.001, 0.0003162, 0.0001, 0.00003162, 0.00001, 0.000003162, 0.000001],
  ...[0.0000003162, 0.0000001],
];
const STRENGTHS_TRIED = 13;
/** Strength times rows above which the prior outweighs the examples. With many rows the path begins at a weaker strength. */
const STRONGEST_PER_ROW = 1_000;

const MAX_ITERATIONS = 300;
const MAX_EPOCHS = 30;

/** Rows per dimension from which on a Gram matrix is worth its cost, and no fit can interpolate every row. */
const ROWS_PER_DIMENSION = 2;

export interface PlanRequest {
  readonly task: Task;
  readonly recipe: "auto" | HeadKindName;
  readonly dims: number;
  readonly labels: readonly string[];
  readonly seed: number;
  readonly foldRows: readonly number[];
  readonly rounds: number;
  /** Whether rows may only be judged fold by fold, not one by one. */
  readonly foldsOnly?: boolean;
  readonly valueOffset?: number;
  readonly options?: RecipeOptions;
  /** The strength of the version that an update starts from. No other strength is tried. */
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
  const { hasClosedForm, keepsRowScores } = TASK_KINDS[task];
  const hasManyRows = !updates && rows >= ROWS_PER_DIMENSION * dims;
  const isJudgedByRow = hasManyRows && !foldsOnly && rounds > 0;
  const kinds = kindsFor(recipe, rows, Math.max(1, labels.length), task);
  const areClosedForm = hasClosedForm && kinds.every((kind) => HEAD_KINDS[kind].hasClosedForm);
  const closedForm = isJudgedByRow && areClosedForm && dims <= LIMITS.gramDimensions;
  return {
    task,
    dims,
    labels,
    valueOffset,
    seed,
    foldRows,
    rounds: closedForm ? 0 : rounds,
    kinds,
    hidden: options.hidden_units ?? hiddenFor(dims + labels.length),
    scaling: options.scaling ?? "auto",
    metric: options.metric ?? "log_loss",
    balanced: options.class_weight === "balanced",
    path: updates ? [updates.l2] : options.l2 === undefined ? pathFor(rows) : [options.l2],
    maxIterations: options.max_iterations ?? MAX_ITERATIONS,
    maxEpochs: options.max_epochs ?? MAX_EPOCHS,
    curvature: !hasManyRows ? "none" : dims <= LIMITS.gramDimensions ? "gram" : "diagonal",
    audit: !updates && keepsRowScores && rows <= LIMITS.auditedRows && !isLarge({ dims, labels }),
    curve: options.learning_curve && !closedForm && !updates && foldRows[0] ? sharesFor(rows - foldRows[0]) : [],
    mostWork: options.max_seconds_of_work === undefined ? null : options.max_seconds_of_work * WORK.perSecond,
  };
}

/** The units that keep the weights of both layers within the limit. `ends`: the number of inputs and outputs of a unit. */
const hiddenFor = (ends: number): number => Math.min(HIDDEN, Math.floor(LIMITS.hiddenParameters / ends));

function kindsFor(recipe: PlanRequest["recipe"], rows: number, outputs: number, task: Task): HeadKindName[] {
  if (recipe !== "auto") return [recipe];
  const isTried = ({ hasHidden, rowsForAuto }: HeadKind): boolean =>
    rows >= rowsForAuto(outputs) && (TASK_KINDS[task].triesHidden || !hasHidden);
  return HEAD_KIND_NAMES.filter((name) => isTried(HEAD_KINDS[name]));
}

function pathFor(rows: number): number[] {
  const start = STRENGTHS.findLastIndex((strength) => strength * rows >= STRONGEST_PER_ROW);
  return STRENGTHS.slice(Math.max(0, start)).slice(0, STRENGTHS_TRIED);
}

const SHARES = [0.1, 0.25, 0.5, 1];
/** Least number of rows of a share. A point of the learning curve on fewer rows says nothing. */
const LEAST_ROWS_OF_SHARE = 10;

const sharesFor = (rows: number): number[] =>
  SHARES.filter((share) => share === 1 || share * rows >= LEAST_ROWS_OF_SHARE);

export const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export const shapeFor = ({ dims, labels, hidden }: Plan, kind: HeadKindName): HeadShape => ({
  dims,
  outputs: Math.max(1, labels.length),
  hidden: HEAD_KINDS[kind].hasHidden ? hidden : 0,
});

/**
 * Whether a vector of a linear head's weights takes megabytes. Then its gradient is summed in float32, its curvature is not
 * measured, its rows do not stay in memory, and folds are held out only for choosing.
 */
export const isLarge = ({ dims, labels }: Pick<Plan, "dims" | "labels">): boolean => isLargeHead(dims, labels.length);

/** Parameters of a linear head. */
export const linearSize = ({ dims, labels }: Plan): number =>
  linear.size({ dims, outputs: Math.max(1, labels.length), hidden: 0 });

/** Dimensions of the Gram matrix. */
export const gramDims = ({ dims }: Plan): number => paddedDims(dims);
