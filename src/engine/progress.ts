// How far a training is, between 0 and 1: each phase owns a stretch; what repeats until it converges nears the stretch's end.
import type { Checkpoint, Phase } from "./checkpoint.ts";

const STRETCH: Readonly<Record<Phase, readonly [from: number, to: number]>> = {
  scale: [0.02, 0.05],
  select: [0.05, 0.7],
  score: [0.05, 0.7],
  calibrate: [0.7, 0.74],
  measure: [0.74, 0.75],
  refit: [0.75, 0.98],
  test: [0.98, 0.99],
  done: [0.99, 0.99],
};

/** Evaluations after which a fit is likely to be near its end. */
const TYPICAL_EVALUATIONS = 25;

export function progressOf(state: Checkpoint): number {
  const [from, to] = STRETCH[state.phase];
  const fit = 1 - Math.exp(-(state.optimiser?.evaluations ?? 0) / TYPICAL_EVALUATIONS);
  const onPath = state.phase === "select" || state.phase === "score";
  const share = onPath ? (state.trials.length + fit) / state.plan.path.length : fit;
  return from + (to - from) * Math.min(1, share);
}
