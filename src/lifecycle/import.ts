// Decides whether a version from a file fits a head. Features of different identities must not mix, and neither must tasks.
import type { HeadCard } from "../contract/head-file.ts";
import type { HeadConfig } from "../contract/rpc.ts";
import { normalLabel } from "../core/labels.ts";
import { Fault } from "../core/problems.ts";
import { storedLabelFinder } from "./stored-labels.ts";

/**
 * The card with the head's own spelling of its labels, and with normalised ones where the head has none. A file may be older
 * than the normalisation of labels. Throws if two of its labels become the same here.
 */
export function cardWithStoredLabels(card: HeadCard, stored: readonly string[]): HeadCard {
  const find = storedLabelFinder(stored);
  const known = new Set(stored);
  const nameOf = (label: string): string => (known.has(label) ? label : find(normalLabel(label)));
  const labels = card.labels.map(nameOf);
  const places = new Map<string, number>();
  for (const [i, label] of labels.entries()) {
    const before = places.get(label);
    if (before !== undefined) throw twice(card.labels, before, i);
    places.set(label, i);
  }
  return labels.every((label, i) => label === card.labels[i]) ? card : renamed(card, nameOf);
}

function twice(labels: readonly string[], first: number, second: number): Fault {
  const pointer = `/labels/${second}`;
  const detail = `"${labels[second]}" is the same label as "${labels[first]}" once trimmed and normalised`;
  return new Fault("invalid_request", `The file: ${pointer} ${detail}`, { errors: [{ pointer, detail }] });
}

function renamed(card: HeadCard, nameOf: (label: string) => string): HeadCard {
  const { dataset, metrics } = card.version;
  const { validation, test, ...baseline } = metrics;
  const told = {
    ...baseline,
    validation: renamedFigures(validation, nameOf),
    test: test && renamedFigures(test, nameOf),
  };
  return {
    ...card,
    labels: card.labels.map(nameOf),
    version: { ...card.version, dataset: { ...dataset, labels: dataset.labels.map(nameOf) }, metrics: told },
  };
}

type Figures = HeadCard["version"]["metrics"]["validation"];

function renamedFigures(figures: Figures, nameOf: (label: string) => string): Figures {
  if (!("per_label" in figures)) return figures;
  const per_label = figures.per_label.map((row) => ({ ...row, label: nameOf(row.label) }));
  if (!("confusion" in figures)) return { ...figures, per_label } as Figures;
  const confusion = { ...figures.confusion, labels: figures.confusion.labels.map(nameOf) };
  return { ...figures, per_label, confusion } as Figures;
}

/** Throws a fault that names the difference between the file and the head. */
export function assertImportable(
  { task, backbone, labels }: Pick<HeadConfig, "task" | "backbone" | "labels">,
  card: Pick<HeadCard, "task" | "backbone" | "labels">,
): void {
  if (card.task !== task) throw mismatch("/task", `is "${card.task}", and the head's is "${task}"`);
  if (card.backbone.identity !== backbone.identity || card.backbone.id !== backbone.id) {
    const named = (of: HeadConfig["backbone"]): string => `"${of.id}" of identity ${of.identity}`;
    throw mismatch("/backbone", `is ${named(card.backbone)}, and the head's is ${named(backbone)}`);
  }
  if (card.backbone.dimension !== backbone.dimension)
    throw mismatch(
      "/backbone/dimension",
      `is ${card.backbone.dimension}, and the head's features have ${backbone.dimension}`,
    );
  const known = new Set(labels);
  const stray = labels && card.labels.find((label) => !known.has(label));
  if (stray) throw mismatch("/labels", `names "${stray}", which is not one of the head's fixed labels`);
}

function mismatch(pointer: string, detail: string): Fault {
  return new Fault("head_mismatch", `The file: ${pointer} ${detail}`, { errors: [{ pointer, detail }] });
}
