// The stage of each phase, for the trainer loop.
import type { Phase } from "../phases.ts";
import { bootstrap, calibrate, measure, recalibrate, test } from "./judge.ts";
import { nextKind, settle } from "./kinds.ts";
import type { Stage } from "./pass.ts";
import { gram, scale } from "./prepare.ts";
import { ofSolverPhases } from "./solvers.ts";

const ofSolvers = ofSolverPhases<Stage>(({ stages }) => stages);

export const STAGES: Readonly<Record<Exclude<Phase, "done">, Stage>> = {
  ...ofSolvers,
  scale,
  gram,
  next_kind: nextKind,
  calibrate,
  measure,
  recalibrate,
  bootstrap,
  settle,
  test,
};
