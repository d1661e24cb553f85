// Plans how an upload changes the examples of a head, before a row is written: added, updated, unchanged or rejected.

import type { AppendResult, NewExample } from "../contract/example-rpc.ts";
import type { Split } from "../contract/examples.ts";
import type { RowProblem } from "../contract/row-problem.ts";
import { labelsIn, type Target, targetText } from "../contract/targets.ts";
import { type FindStored, withStoredLabels } from "./stored-labels.ts";

/** An example before or after the upload. */
export interface ExampleState {
  readonly digest: string;
  readonly target: Target;
  readonly split: Split | null;
}

export interface LabelRules {
  /** The labels fixed at the head's creation; null if labels are not fixed. */
  readonly fixedLabels: ReadonlySet<string> | null;
  /** Returns the spelling of a label in this head. */
  readonly findStored: FindStored;
  readonly knownLabels: ReadonlySet<string>;
  readonly labelLimit: number;
}

export interface AppendRules extends LabelRules {
  readonly examplesNow: number;
  readonly examplesQuota: number;
}

export interface AppendPlan extends Omit<AppendResult, "pending"> {
  /** The rows to write, by id: the last row with an id wins. */
  readonly writes: ReadonlyMap<string, ExampleState>;
}

export function planAppend(
  examples: readonly NewExample[],
  existing: ReadonlyMap<string, ExampleState>,
  rules: AppendRules,
): AppendPlan {
  const writes = new Map<string, ExampleState>();
  const knownLabels = new Set(rules.knownLabels);
  const rejected: (RowProblem & { index: number })[] = [];
  const counts = { added: 0, updated: 0, unchanged: 0 };
  for (const example of examples) {
    const before = writes.get(example.id) ?? existing.get(example.id);
    const added = before ? null : counts.added;
    const target = withStoredLabels(example.target, rules.findStored);
    const problem = problemWithLabels(target, { ...rules, knownLabels }) ?? problemWithCount(added, rules);
    if (problem) {
      rejected.push({ index: example.index, ...problem });
      continue;
    }
    for (const label of labelsIn(target)) knownLabels.add(label);
    const after = { digest: example.digest, target, split: example.split ?? before?.split ?? null };
    const outcome = !before ? "added" : isSame(before, after) ? "unchanged" : "updated";
    counts[outcome]++;
    if (outcome !== "unchanged") writes.set(example.id, after);
  }
  return { ...counts, rejected, writes };
}

/** Why a head rejects the labels of `target`; null if it does not. A regression has no labels. */
export function problemWithLabels(target: Target, rules: LabelRules): RowProblem | null {
  const { fixedLabels, knownLabels, labelLimit } = rules;
  const labels = labelsIn(target);
  const pointer = "labels" in target ? "/labels" : "/label";
  const foreign = fixedLabels ? labels.find((label) => !fixedLabels.has(label)) : undefined;
  if (foreign !== undefined) {
    const detail = `the head's labels are fixed and "${foreign}" is not one of them`;
    return { code: "unknown_label", detail, pointer };
  }
  const fresh = labels.filter((label) => !knownLabels.has(label)).length;
  if (fresh === 0 || knownLabels.size + fresh <= labelLimit) return null;
  const detail = `the head has ${knownLabels.size} labels and this brings ${fresh} more; the most for its dimension is ${labelLimit}`;
  return { code: "too_many_labels", detail, pointer };
}

/** `added`: number of new examples before this one; null if the example already exists. */
function problemWithCount(added: number | null, { examplesNow, examplesQuota }: AppendRules): RowProblem | null {
  if (added === null || examplesNow + added < examplesQuota) return null;
  return { code: "quota_exceeded", detail: `the head holds ${examplesQuota} examples, which is its quota` };
}

const isSame = (a: ExampleState, b: ExampleState): boolean =>
  a.digest === b.digest && a.split === b.split && targetText(a.target) === targetText(b.target);
