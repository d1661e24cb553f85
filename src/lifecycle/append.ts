// What an upload does to the examples of a head, decided before a row is written: added, updated, unchanged or rejected.
import type { Split } from "../contract/examples.ts";
import type { RowProblem } from "../contract/inputs.ts";
import type { AppendResult, NewExample } from "../contract/rpc.ts";

/** An example as it is, or as it will be. */
export interface ExampleState {
  readonly digest: string;
  readonly label: string;
  readonly split: Split | null;
}

export interface AppendRules {
  /** The labels a head was made with; null where any label may come. */
  readonly fixedLabels: ReadonlySet<string> | null;
  readonly knownLabels: ReadonlySet<string>;
  readonly labelLimit: number;
  readonly examplesNow: number;
  readonly examplesQuota: number;
}

export interface AppendPlan extends AppendResult {
  /** What is to be written, by id: the last row of an id wins. */
  readonly writes: ReadonlyMap<string, ExampleState>;
}

export function planAppend(
  examples: readonly NewExample[],
  existing: ReadonlyMap<string, ExampleState>,
  rules: AppendRules,
): AppendPlan {
  const writes = new Map<string, ExampleState>();
  const labels = new Set(rules.knownLabels);
  const rejected: (RowProblem & { index: number })[] = [];
  const counts = { added: 0, updated: 0, unchanged: 0 };
  for (const example of examples) {
    const before = writes.get(example.id) ?? existing.get(example.id);
    const problem = problemWith(example, before === undefined, labels, rules, counts.added);
    if (problem) {
      rejected.push({ index: example.index, ...problem });
      continue;
    }
    labels.add(example.label);
    const after = { digest: example.digest, label: example.label, split: example.split ?? before?.split ?? null };
    const outcome = !before ? "added" : isSame(before, after) ? "unchanged" : "updated";
    counts[outcome]++;
    if (outcome !== "unchanged") writes.set(example.id, after);
  }
  return { ...counts, rejected, writes };
}

function problemWith(
  { label }: NewExample,
  isNew: boolean,
  labels: ReadonlySet<string>,
  rules: AppendRules,
  added: number,
): RowProblem | null {
  const { fixedLabels, labelLimit, examplesNow, examplesQuota } = rules;
  if (fixedLabels && !fixedLabels.has(label)) {
    return {
      code: "unknown_label",
      detail: `the head's labels are fixed and "${label}" is not one of them`,
      pointer: "/label",
    };
  }
  if (!labels.has(label) && labels.size >= labelLimit) {
    return {
      code: "too_many_labels",
      detail: `the head has ${labels.size} labels; the most is ${labelLimit}`,
      pointer: "/label",
    };
  }
  if (isNew && examplesNow + added >= examplesQuota) {
    return { code: "quota_exceeded", detail: `the head holds ${examplesQuota} examples, which is its quota` };
  }
  return null;
}

const isSame = (a: ExampleState, b: ExampleState): boolean =>
  a.digest === b.digest && a.label === b.label && a.split === b.split;
