// Labels that were stored before labels were normalised stay as they are. What comes in is normalised, and goes to the stored
// label that it equals by its normal form, so that no second spelling of a label comes into being.
import { labelsIn, type Target } from "../contract/targets.ts";
import { normalLabel } from "../core/labels.ts";

/** The stored label that a label belongs to; the label itself where none is. */
export type FindStored = (label: string) => string;

/** A label goes to the stored one of the same spelling, else to the first of the same normal form. */
export function storedLabelFinder(stored: Iterable<string>): FindStored {
  const byForm = new Map<string, string>();
  const exact = new Set<string>();
  for (const label of stored) {
    exact.add(label);
    const form = normalLabel(label);
    if (!byForm.has(form)) byForm.set(form, label);
  }
  return (label) => (exact.has(label) ? label : (byForm.get(normalLabel(label)) ?? label));
}

/** Groups of stored labels that are one and the same once normalised, each in code-unit order. */
export function labelCollisions(stored: Iterable<string>): string[][] {
  const byForm = new Map<string, string[]>();
  for (const label of stored) {
    const form = normalLabel(label);
    const group = byForm.get(form);
    if (group) group.push(label);
    else byForm.set(form, [label]);
  }
  const groups = [...byForm.values()].filter((group) => group.length > 1);
  return groups.map((group) => group.sort()).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}

/** The target with the stored spelling of its labels; the same object where nothing changes. */
export function withStoredLabels(target: Target, find: FindStored): Target {
  if (labelsIn(target).every((label) => find(label) === label)) return target;
  if ("label" in target) return { label: find(target.label) };
  return "labels" in target ? { labels: [...new Set(target.labels.map(find))].sort() } : target;
}
