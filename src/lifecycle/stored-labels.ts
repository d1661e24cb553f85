// Labels stored before labels were normalised remain unchanged. Incoming labels are normalised and mapped to the stored label
// with the same normal form, so that no second spelling is created.
import { labelsIn, type Target } from "../contract/targets.ts";
import { normalLabel } from "../core/labels.ts";

/** Returns the stored label that equals a label; the label itself if there is none. */
export type FindStored = (label: string) => string;

/**
 * For labels in normal form. Each maps to the stored label with the same spelling, else to the first with the same normal form.
 * If all stored labels are normal, as in every newer head, no lookup is needed.
 */
export function storedLabelFinder(stored: readonly string[]): FindStored {
  const odd = stored.filter((label) => normalLabel(label) !== label);
  if (odd.length === 0) return (label) => label;
  const byForm = new Map(odd.toReversed().map((label) => [normalLabel(label), label]));
  const exact = new Set(stored);
  return (label) => (exact.has(label) ? label : (byForm.get(label) ?? label));
}

/** Groups of stored labels that are equal after normalisation, each in code-unit order. */
export function labelCollisions(stored: readonly string[]): string[][] {
  const forms = new Set(stored.filter((label) => normalLabel(label) !== label).map(normalLabel));
  const groups = new Map([...forms].sort().map((form): [string, string[]] => [form, []]));
  for (const label of forms.size === 0 ? [] : stored) groups.get(normalLabel(label))?.push(label);
  return [...groups.values()].filter((group) => group.length > 1).map((group) => group.sort());
}

/** The target with the stored spelling of its labels; the same object if nothing changes. */
export function withStoredLabels(target: Target, find: FindStored): Target {
  if (labelsIn(target).every((label) => find(label) === label)) return target;
  if ("label" in target) return { label: find(target.label) };
  return "labels" in target ? { labels: [...new Set(target.labels.map(find))].sort() } : target;
}
