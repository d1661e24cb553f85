// Checks the examples of a delivery as rows of an upload are: all of them, or the first that is bad is named.
import { checkExample, type RowRules } from "../../src/backbones/example-row.ts";
import { type Input, isProblem, type RowProblem } from "../../src/contract/inputs.ts";
import type { MappedExample, MappedRow } from "../../src/contract/mapping.ts";
import type { NewExample } from "../../src/contract/rpc.ts";

/** The examples of the rows; or what is wrong with the first bad one, which is named by its place where there are several. */
export async function checkExamples(
  mapped: readonly MappedExample[],
  rules: RowRules,
): Promise<readonly NewExample[] | RowProblem> {
  const examples: NewExample[] = [];
  for (const [index, { row }] of mapped.entries()) {
    const checked = await checkExample(row, index, rules);
    if (isProblem(checked)) return placed({ ...checked, index }, mapped.length);
    examples.push(checked.example);
  }
  return examples;
}

export function placed({ index, ...problem }: RowProblem & { readonly index: number }, count: number): RowProblem {
  if (count === 1) return problem;
  const detail = `example ${index + 1} of ${count}: ${problem.detail}`;
  return { ...problem, detail, pointer: `/${index}${problem.pointer ?? ""}` };
}

/** Every input once, those with a feature too: they may be forgotten while the others are embedded. The rows have been checked: each holds one input. */
export function inputsOf(
  examples: readonly NewExample[],
  mapped: readonly MappedExample[],
): { digest: string; input: Input }[] {
  const rows = new Map(examples.map(({ digest }, i) => [digest, mapped[i]?.row as MappedRow]));
  return [...rows].map(([digest, { text, features }]) => {
    return { digest, input: (text === undefined ? { features } : { text }) as Input };
  });
}
