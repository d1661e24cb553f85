// Labels that were stored before labels were normalised stay as they are. What comes in is normalised, and goes to the stored
// label that it equals by its normal form, so that no second spelling of a label comes into being.
import { labelsIn, type Target } from "../contract/targets.ts";
import { normalLabel } from "../core/labels.ts";

/** The stored label that a label belongs to; the label itself where none is. */
export type FindStored = (label: string) => string;

/**
 * For labels in their normal form. One goes to the stored label of the same spelling, else to the first of its normal form. Where
 * all stored labels are normal, as in every head made since labels are, there is nothing to look up.
 */
export function storedLabelFinder(stored: readonly string[]): FindStored {
  const odd = stored.filter((label) => normalLabel(label) !== label);
  if (odd.length === 0) return (label) => label;
  const byForm = new Map(odd.toReversed().map((label) => [normalLabel(label), label]));
  const exact = new Set(stored);
  return (label) => (exact.has(label) ? label : (byForm.get(label) ?? label));
}

/** Groups of stored labels that are one and the same once normalised, each in code-unit order. */
export function labelCollisions(stored: readonly string[]): string[][] {
  const forms = new Set(stored.filter((label) => normalLabel(label) !== label).map(normalLabel));
  const groups = new Map([...forms].sort().map((form): [string, string[]] => [form, []]));
  for (const label of forms.size === 0 ? [] : stored) groups.get(normalLabel(label))?.push(label);
  return [...groups.values()].filter((group) => group.length > 1).map((group) => group.sort());
}

/** The target with the stored spelling of its labels; the same object where nothing changes. */
export function withStoredLabels(target: Target, find: FindStored): Target {
  if (labelsIn(target).every((label) => find(label) === label)) return target;
  if ("label" in target) return { label: find(target.label) };
  return "labels" in target ? { labels: [...new Set(target.labels.map(find))].sort() } : target;
}
