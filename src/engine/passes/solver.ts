// The interface of a solver: the stages that it owns, and what the training loop needs from it.
import type { VersionView } from "../../contract/versions.ts";
import type { Checkpoint, Selected } from "../checkpoint.ts";
import type { Phase } from "../phases.ts";
import type { Stage } from "./pass.ts";

export interface SolverKind<Own extends Phase> {
  /** The phase that begins a search with one kind of head. It ends in the phase `next_kind`. */
  readonly search: Own;
  /** Begins the final fit, once the selected head is measured. It ends in the phase `test`. */
  settle(state: Checkpoint): Checkpoint;
  /** The setting that the search chose, for the version's recipe. */
  settingOf(selected: Selected): Pick<VersionView["recipe"], "l2" | "epochs">;
  readonly stages: Readonly<Record<Own, Stage>>;
  /** The part of the progress, 0 to 1, in which each phase runs. */
  readonly progress: Readonly<Record<Own, readonly [from: number, to: number]>>;
}
