// Checks the examples of a delivery by the rules for rows of an upload. Stops at the first bad one.
import { checkExample, type RowRules } from "../../../src/backbones/example-row.ts";
import type { Input } from "../../../src/contract/inputs.ts";
import type { MappedExample, MappedRow } from "../../../src/contract/mapping.ts";
import { isProblem, type RowProblem } from "../../../src/contract/row-problem.ts";
import type { NewExample } from "../../../src/contract/rpc.ts";
import { Turns } from "../../../src/core/turns.ts";
import { HOOK_WORK } from "../../../src/core/work.ts";

/** Returns the examples of the rows; or the problem of the first bad row, with its place where there are several rows. */
export async function checkExamples(
  mapped: readonly MappedExample[],
  rules: RowRules,
): Promise<readonly NewExample[] | RowProblem> {
  const examples: NewExample[] = [];
  const turns = new Turns(HOOK_WORK.perTurn);
  for (const [index, { row }] of mapped.entries()) {
    const checked = await checkExample(row, index, rules);
    if (isProblem(checked)) return atIndex({ ...checked, index }, mapped.length);
    examples.push(checked.example);
    await turns.spend(HOOK_WORK.perExample + HOOK_WORK.perInputUnit * unitsOf(row));
  }
  return examples;
}

/** Characters of a text, numbers of a vector, and labels. */
export function unitsOf({ text, features, labels }: MappedRow): number {
  return [text, features, labels].reduce<number>((sum, value) => sum + lengthOf(value), 0);
}

const lengthOf = (value: unknown): number => (typeof value === "string" || Array.isArray(value) ? value.length : 0);

export function atIndex({ index, ...problem }: RowProblem & { readonly index: number }, count: number): RowProblem {
  if (count === 1) return problem;
  const detail = `example ${index + 1} of ${count}: ${problem.detail}`;
  return { ...problem, detail, pointer: `/${index}${problem.pointer ?? ""}` };
}

/**
 * Every distinct input once. Includes inputs that have a feature: the head may forget them while the Worker embeds the others.
 * The rows were checked, so each holds one input.
 */
export function inputsOf(
  examples: readonly NewExample[],
  mapped: readonly MappedExample[],
): { digest: string; input: Input }[] {
  const rows = new Map(examples.map(({ digest }, i) => [digest, mapped[i]?.row as MappedRow]));
  return [...rows].map(([digest, { text, features }]) => {
    return { digest, input: (text === undefined ? { features } : { text }) as Input };
  });
}
