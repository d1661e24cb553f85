// What a training is going to do, settled before it starts and frozen into its checkpoint.
import type { HeadKindName } from "../contract/recipes.ts";
import { LIMITS } from "../core/limits.ts";
import { HEAD_KINDS } from "./heads/registry.ts";
import type { LbfgsOptions } from "./lbfgs.ts";

export interface Plan {
  readonly kind: HeadKindName;
  readonly dims: number;
  readonly labels: readonly string[];
  readonly seed: number;
  /** Strengths of l2 regularisation to try on the training rows, strongest first: the objective is mean cross-entropy + l2/2·|W|². */
  readonly path: readonly number[];
  readonly maxIterations: number;
}

/**
 * Two strengths to a decade, in the units of scaled features. Strong ones come first: they converge in a few passes and
 * warm-start the next, and the path ends as soon as the held-out loss has turned.
 */
const STRENGTHS = [
  ...[1, 0.3162, 0.1, 0.03162, 0.01, 0.003162, 0.001, 0.0003162, 0.0001, 0.00003162, 0.00001, 0.000003162, 0.000001],
  ...[0.0000003162, 0.0000001],
];
const STRENGTHS_TRIED = 13;
/** Strength times rows at which the prior outweighs the examples: with many rows the path begins weaker. */
const STRONGEST_PER_ROW = 1_000;

const MAX_ITERATIONS = 300;

export interface PlanRequest {
  readonly kind: HeadKindName;
  readonly dims: number;
  readonly labels: readonly string[];
  readonly seed: number;
  /** Rows to train on. */
  readonly rows: number;
  /** One strength instead of the path. */
  readonly l2?: number | undefined;
  readonly maxIterations?: number | undefined;
}

export function planTraining({ l2, maxIterations, rows, ...rest }: PlanRequest): Plan {
  return { ...rest, path: l2 === undefined ? pathFor(rows) : [l2], maxIterations: maxIterations ?? MAX_ITERATIONS };
}

function pathFor(rows: number): number[] {
  const start = STRENGTHS.findLastIndex((strength) => strength * rows >= STRONGEST_PER_ROW);
  return STRENGTHS.slice(Math.max(0, start)).slice(0, STRENGTHS_TRIED);
}

/** Settings for a stop on the path, where a rough answer tells which strength is best. */
export const roughly = (plan: Plan): LbfgsOptions => ({
  ...{ gradientTolerance: 1e-4, decreaseTolerance: 3e-3, maxIterations: plan.maxIterations, memory: memoryOf(plan) },
});

/** Settings for the fit that is kept. */
export const finely = (plan: Plan): LbfgsOptions => ({
  ...{ gradientTolerance: 1e-5, decreaseTolerance: 1e-3, maxIterations: plan.maxIterations, memory: memoryOf(plan) },
});

function memoryOf({ kind, dims, labels }: Plan): number {
  const bytes = 8 * HEAD_KINDS[kind].size({ dims, classes: labels.length });
  return Math.max(2, Math.min(8, Math.floor(LIMITS.optimiserHistoryBytes / bytes)));
}
