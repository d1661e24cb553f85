// The phases of a training by the solver that owns them; the others are shared. Those that begin something take no time; some
// repeat until they converge.

export interface SolverPhases {
  /** L-BFGS along a path of strengths of l2 regularisation, for heads whose outputs are linear in their parameters. */
  readonly path:
    | ("next_strength" | "invert" | "begin_fit" | "select" | "diagonal" | "score" | "leave_one_out")
    | ("begin_refit" | "refit" | "next_audit" | "audit" | "audit_score" | "next_share" | "curve_fit" | "curve_score");
  /** AdamW on small batches, epoch by epoch. */
  readonly epochs: "begin_epochs" | "epoch" | "score_epoch" | "begin_refit_epochs" | "refit_epoch";
}

export type Solver = keyof SolverPhases;

export type SharedPhase =
  | ("scale" | "gram" | "next_kind" | "calibrate" | "measure" | "recalibrate" | "bootstrap" | "settle" | "test")
  | "done";

export type Phase = SharedPhase | SolverPhases[Solver];
