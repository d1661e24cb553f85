// Derives the optimiser's settings from the plan: rough where strengths are compared, fine for the fit that is kept.
import { LIMITS } from "../core/limits.ts";
import type { LbfgsOptions } from "./optimisers/lbfgs.ts";
import { isLarge, linearSize, type Plan, total } from "./plan.ts";

/** Settings for a stop on the path, where a rough fit shows which strength is best. */
export const roughly = (plan: Plan): LbfgsOptions => ({
  gradientTolerance: 1e-4,
  decreaseTolerance: 5e-3,
  ...commonOptions(plan),
});

/** With at most this many rows, a few more passes cost little, and accuracy is less informative than loss. */
const FEW_ROWS = 5_000;
export const hasFewRows = ({ foldRows }: Plan): boolean => total(foldRows) <= FEW_ROWS;

/**
 * Settings for stops that are probably not the best: the strongest one, and those after the path has turned. These are still
 * fitted because the path may turn again.
 */
export const inPassing = (plan: Plan): LbfgsOptions =>
  hasFewRows(plan) ? roughly(plan) : { ...roughly(plan), decreaseTolerance: 2e-2 };

/**
 * Settings for the fit that is kept. With a coarse tolerance one short step may be chance, so the fit stops only after two. An
 * update stops after one, because it starts from an optimum of nearly the same rows.
 */
export function finely(plan: Plan, isUpdate = false): LbfgsOptions {
  const stop = hasFewRows(plan) ? { decreaseTolerance: 1e-4 } : { decreaseTolerance: 5e-4, patience: isUpdate ? 1 : 2 };
  return { ...stop, gradientTolerance: 1e-5, ...commonOptions(plan) };
}

const commonOptions = (plan: Plan): Pick<LbfgsOptions, "maxIterations" | "memory" | "ownsSteps"> => ({
  maxIterations: plan.maxIterations,
  memory: memoryOf(plan),
  // No fold of a large head is audited, so no other fit continues from its fit.
  ownsSteps: isLarge(plan) || undefined,
});

/**
 * With more parameters, each additional pair costs noticeable time between two passes: it is read four times per iteration.
 */
const MANY_PARAMETERS = 50_000;

/**
 * The number of pairs that the optimiser keeps: fewer if a Gram matrix supplies the curvature, never more than fit into memory.
 */
function memoryOf(plan: Plan): number {
  const size = linearSize(plan);
  const wanted = plan.curvature === "gram" ? 5 : size > MANY_PARAMETERS ? 6 : 10;
  const bytes = isLarge(plan) ? LIMITS.largeHistoryBytes : LIMITS.optimiserHistoryBytes;
  const most = Math.floor(bytes / (8 * size * Math.max(1, plan.rounds)));
  return Math.max(isLarge(plan) ? 1 : 2, Math.min(wanted, most));
}
