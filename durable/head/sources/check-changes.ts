// Checks the examples of a delivery by the rules for rows of an upload. Stops at the first bad one.
import { type CheckedRow, checkExample, type RowRules } from "../../../src/backbones/example-row.ts";
import { INPUT_FIELDS, type ParsedInput } from "../../../src/contract/inputs.ts";
import type { MappedExample, MappedRow } from "../../../src/contract/mapping.ts";
import { isProblem, type RowProblem } from "../../../src/contract/row-problem.ts";
import { Turns } from "../../../src/core/turns.ts";
import { HOOK_WORK } from "../../../src/core/work.ts";

/** Returns the examples of the rows; or the problem of the first bad row, with its place if there are several rows. */
export async function checkExamples(
  mapped: readonly MappedExample[],
  rules: RowRules,
): Promise<readonly CheckedRow[] | RowProblem> {
  const rows: CheckedRow[] = [];
  const turns = new Turns(HOOK_WORK.perTurn);
  for (const [index, { row }] of mapped.entries()) {
    const checked = await checkExample(row, index, rules, turns);
    if (isProblem(checked)) return atIndex({ ...checked, index }, mapped.length);
    rows.push(checked);
    await turns.spend(HOOK_WORK.perExample + HOOK_WORK.perInputUnit * unitsOf(row));
  }
  return rows;
}

/** Characters of a text or a file, numbers of a vector, and labels. */
export const unitsOf = (row: MappedRow): number =>
  INPUT_FIELDS.reduce((sum, name) => sum + lengthOf(row[name]), lengthOf(row.labels));

const lengthOf = (value: unknown): number => (typeof value === "string" || Array.isArray(value) ? value.length : 0);

export function atIndex({ index, ...problem }: RowProblem & { readonly index: number }, count: number): RowProblem {
  if (count === 1) return problem;
  const detail = `example ${index + 1} of ${count}: ${problem.detail}`;
  return { ...problem, detail, pointer: `/${index}${problem.pointer ?? ""}` };
}

/**
 * Every distinct input once. Includes inputs that have a feature: the head may forget them while the Worker embeds the others.
 */
export function inputsOf(rows: readonly CheckedRow[]): { digest: string; input: ParsedInput }[] {
  const inputs = new Map(rows.map(({ example, input }) => [example.digest, input]));
  return [...inputs].map(([digest, input]) => ({ digest, input }));
}
