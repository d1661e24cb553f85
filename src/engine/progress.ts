// Progress of a training, between 0 and 1. Each phase owns an interval; a phase that repeats until it converges approaches the
// interval's end.
import type { Checkpoint } from "./checkpoint.ts";
import { ofSolverPhases } from "./passes/solvers.ts";
import type { Phase } from "./phases.ts";

type Interval = readonly [from: number, to: number];

const ofSolvers = ofSolverPhases<Interval>(({ progress }) => progress);

const INTERVAL: Readonly<Record<Phase, Interval>> = {
  ...ofSolvers,
  scale: [0.01, 0.03],
  gram: [0.03, 0.05],
  next_kind: [0.05, 0.7],
  calibrate: [0.7, 0.72],
  measure: [0.72, 0.74],
  recalibrate: [0.72, 0.74],
  bootstrap: [0.74, 0.75],
  settle: [0.75, 0.75],
  test: [0.98, 0.99],
  done: [0.99, 0.99],
};

/** Evaluations after which a fit is usually near its end. */
const TYPICAL_EVALUATIONS = 25;

/** The progress of a training, 0 to 1. */
export function progressOf(state: Checkpoint): number {
  const phase = state.phase === "diagonal" ? state.next : state.phase;
  const [from, to] = INTERVAL[phase];
  return from + (to - from) * Math.min(1, shareOf({ ...state, phase }));
}

function shareOf({ phase, optimiser, trials, plan, round, fits, curve }: Checkpoint): number {
  const near = (evaluations: number): number => 1 - Math.exp(-evaluations / TYPICAL_EVALUATIONS);
  if (phase === "audit" || phase === "audit_score") return round / plan.foldRows.length;
  if (phase === "next_share" || phase === "curve_fit" || phase === "curve_score")
    return curve.length / Math.max(1, plan.curve.length);
  if (phase === "refit") return near(optimiser?.evaluations ?? 0);
  const walked = (round + near(fits[round]?.evaluations ?? 0)) / Math.max(1, plan.rounds);
  return (trials.length + walked) / plan.path.length;
}
