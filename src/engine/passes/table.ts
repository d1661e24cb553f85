// The stage of each phase, for the trainer loop.
import type { Checkpoint, Phase } from "../checkpoint.ts";
import { beginFit } from "./begin-fit.ts";
import { curveFit, curveScore, nextShare } from "./curve.ts";
import { diagonal } from "./diagonal.ts";
import { beginEpochs, beginRefitEpochs, epoch, refitEpoch, scoreEpoch } from "./epochs.ts";
import { bootstrap, calibrate, measure, recalibrate, test } from "./judge.ts";
import { nextKind } from "./kinds.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import type { Computation, Pass } from "./pass.ts";
import { nextStrength, score, select } from "./path.ts";
import { gram, invert, scale } from "./prepare.ts";
import { audit, auditScore, beginRefit, nextAudit, refit, settleFigures } from "./refit.ts";

/** A pass over blocks, a computation in steps, or only a decision about the next phase. */
export type Stage = Pass<unknown> | Computation<unknown> | ((state: Checkpoint) => Checkpoint);

export const STAGES: Readonly<Record<Exclude<Phase, "done">, Stage>> = {
  scale,
  gram,
  next_kind: nextKind,
  next_strength: nextStrength,
  invert,
  begin_fit: beginFit,
  select,
  diagonal,
  score,
  leave_one_out: leaveOneOut,
  begin_epochs: beginEpochs,
  epoch,
  score_epoch: scoreEpoch,
  calibrate,
  measure,
  recalibrate,
  bootstrap,
  settle: settleFigures,
  begin_refit: beginRefit,
  refit,
  begin_refit_epochs: beginRefitEpochs,
  refit_epoch: refitEpoch,
  next_audit: nextAudit,
  audit,
  audit_score: auditScore,
  next_share: nextShare,
  curve_fit: curveFit,
  curve_score: curveScore,
  test,
};
