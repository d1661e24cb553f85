// A row of an upload as its format gives it.
import { type CheckedRow, checkExample, type RowRules } from "../../backbones/example-row.ts";
import type { RowProblem } from "../../contract/inputs.ts";

/** A value to check, or a problem that its format found. */
export type RawRow = { readonly value: unknown } | { readonly problem: RowProblem };

export const checkRow = async (raw: RawRow, index: number, rules: RowRules): Promise<CheckedRow | RowProblem> =>
  "problem" in raw ? raw.problem : checkExample(raw.value, index, rules);
