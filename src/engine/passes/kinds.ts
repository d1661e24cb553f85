// Decides which kind of head is tried next, and what follows after all kinds.
import type { Checkpoint } from "../checkpoint.ts";
import { HEAD_KINDS } from "../heads/registry.ts";
import { TASK_KINDS } from "../tasks/registry.ts";
import { isSpent, SEARCH_SHARE, selectedOf } from "./pass.ts";
import { SOLVERS } from "./solvers.ts";

/** Begins the plan's next kind. After the last one, calibrates the selected head. */
export function nextKind(state: Checkpoint): Checkpoint {
  const { plan, tried } = state;
  const kind = plan.kinds[tried];
  const next = { ...state, tried: tried + 1, round: 0 };
  if (!kind || (tried > 0 && isSpent(state, SEARCH_SHARE)))
    return { ...next, kind: selectedOf(state).kind, phase: afterSearch(state) };
  return { ...next, kind, phase: SOLVERS[HEAD_KINDS[kind].solver].search };
}

/** A head judged by leave-one-out is already measured. */
function afterSearch({ plan }: Checkpoint): Checkpoint["phase"] {
  if (plan.rounds === 0) return "settle";
  return TASK_KINDS[plan.task].addSlopes ? "calibrate" : "measure";
}

/** Begins the final fit of the selected head. */
export const settle = (state: Checkpoint): Checkpoint => SOLVERS[HEAD_KINDS[state.kind].solver].settle(state);
