// Every solver by its name. A new name does not compile until its solver is added here.
import type { Solver, SolverPhases } from "../phases.ts";
import { epochs } from "./epochs-solver.ts";
import { path } from "./path-solver.ts";
import type { SolverKind } from "./solver.ts";

export const SOLVERS: { readonly [S in Solver]: SolverKind<SolverPhases[S]> } = { path, epochs };

type Phases = Pick<SolverKind<never>, "stages" | "progress">;

/** One table by phase, merged from the table of every solver that `of` selects. */
export const ofSolverPhases = <T>(of: (solver: Phases) => Readonly<Record<string, T>>) =>
  Object.assign({}, ...Object.values(SOLVERS).map(of)) as Readonly<Record<SolverPhases[Solver], T>>;
