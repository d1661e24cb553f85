// The rules that the labels of a head's examples must meet.
import { mostLabels } from "../../../src/core/limits.ts";
import type { LabelRules } from "../../../src/lifecycle/append.ts";
import { storedLabelFinder } from "../../../src/lifecycle/stored-labels.ts";
import type { HeadStore } from "../store.ts";

export function labelRulesOf(store: HeadStore): LabelRules {
  const fixed = store.config.labels;
  const known = store.labels.all().map(({ name }) => name);
  return {
    fixedLabels: fixed && new Set(fixed),
    findStored: storedLabelFinder(fixed ?? known),
    knownLabels: new Set(known),
    labelLimit: mostLabels(store.config.backbone.dimension),
  };
}
