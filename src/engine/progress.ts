// Progress of a training, between 0 and 1. Each phase owns an interval; a phase that repeats until it converges approaches the
// interval's end.
import type { Checkpoint, Phase } from "./checkpoint.ts";

const INTERVAL: Readonly<Record<Phase, readonly [from: number, to: number]>> = {
  scale: [0.01, 0.03],
  gram: [0.03, 0.05],
  next_kind: [0.05, 0.7],
  next_strength: [0.05, 0.7],
  invert: [0.05, 0.7],
  begin_fit: [0.05, 0.7],
  select: [0.05, 0.7],
  diagonal: [0.05, 0.7],
  score: [0.05, 0.7],
  leave_one_out: [0.05, 0.7],
  begin_epochs: [0.4, 0.7],
  epoch: [0.4, 0.7],
  score_epoch: [0.4, 0.7],
  calibrate: [0.7, 0.72],
  measure: [0.72, 0.74],
  recalibrate: [0.72, 0.74],
  bootstrap: [0.74, 0.75],
  settle: [0.75, 0.75],
  begin_refit: [0.75, 0.9],
  refit: [0.75, 0.9],
  begin_refit_epochs: [0.75, 0.9],
  refit_epoch: [0.75, 0.9],
  next_audit: [0.9, 0.95],
  audit: [0.9, 0.95],
  audit_score: [0.9, 0.95],
  next_share: [0.95, 0.98],
  curve_fit: [0.95, 0.98],
  curve_score: [0.95, 0.98],
  test: [0.98, 0.99],
  done: [0.99, 0.99],
};

/** Evaluations after which a fit is usually near its end. */
const TYPICAL_EVALUATIONS = 25;

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
