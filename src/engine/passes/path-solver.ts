// The solver `path`: fits along a path of strengths, then a final fit, audits of the other folds, and the learning curve.
import type { SolverPhases } from "../phases.ts";
import { beginFit } from "./begin-fit.ts";
import { curveFit, curveScore, nextShare } from "./curve.ts";
import { diagonal } from "./diagonal.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { nextStrength, score, select } from "./path.ts";
import { invert } from "./prepare.ts";
import { audit, auditScore, beginRefit, nextAudit, refit, settlePath } from "./refit.ts";
import type { SolverKind } from "./solver.ts";

export const path: SolverKind<SolverPhases["path"]> = {
  search: "next_strength",
  settle: settlePath,
  settingOf: ({ l2 }) => ({ l2 }),
  stages: {
    next_strength: nextStrength,
    invert,
    begin_fit: beginFit,
    select,
    diagonal,
    score,
    leave_one_out: leaveOneOut,
    begin_refit: beginRefit,
    refit,
    next_audit: nextAudit,
    audit,
    audit_score: auditScore,
    next_share: nextShare,
    curve_fit: curveFit,
    curve_score: curveScore,
  },
  progress: {
    next_strength: [0.05, 0.7],
    invert: [0.05, 0.7],
    begin_fit: [0.05, 0.7],
    select: [0.05, 0.7],
    diagonal: [0.05, 0.7],
    score: [0.05, 0.7],
    leave_one_out: [0.05, 0.7],
    begin_refit: [0.75, 0.9],
    refit: [0.75, 0.9],
    next_audit: [0.9, 0.95],
    audit: [0.9, 0.95],
    audit_score: [0.9, 0.95],
    next_share: [0.95, 0.98],
    curve_fit: [0.95, 0.98],
    curve_score: [0.95, 0.98],
  },
};
