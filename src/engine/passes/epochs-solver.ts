// The solver `epochs`: epochs until the held-out score stops improving, then as many on all folds.
import type { SolverPhases } from "../phases.ts";
import { beginEpochs, beginRefitEpochs, epoch, refitEpoch, scoreEpoch, settleEpochs } from "./epochs.ts";
import type { SolverKind } from "./solver.ts";

export const epochs: SolverKind<SolverPhases["epochs"]> = {
  search: "begin_epochs",
  settle: settleEpochs,
  settingOf: (selected) => ({ epochs: selected.epochs }),
  stages: {
    begin_epochs: beginEpochs,
    epoch,
    score_epoch: scoreEpoch,
    begin_refit_epochs: beginRefitEpochs,
    refit_epoch: refitEpoch,
  },
  progress: {
    begin_epochs: [0.4, 0.7],
    epoch: [0.4, 0.7],
    score_epoch: [0.4, 0.7],
    begin_refit_epochs: [0.75, 0.9],
    refit_epoch: [0.75, 0.9],
  },
};
