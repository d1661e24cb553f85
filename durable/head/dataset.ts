// What a version says of the examples it was trained on.
import type { HeadConfig } from "../../src/contract/rpc.ts";
import { targetText } from "../../src/contract/targets.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { sha256Hex, utf8 } from "../../src/core/bytes.ts";
import { type Folds, foldRows } from "../../src/engine/folds.ts";
import type { TrainingRow } from "../tables/examples.ts";
import type { HeadMeta, HeadStore } from "./store.ts";
import { indexLabels, type LabelIndex, strataOf, valueOffsetOf } from "./training-rows.ts";

/** What a training that began now would be on. */
export function datasetNow({ config, examples }: HeadStore): Promise<HeadMeta["dataset"]> {
  const rows = examples.inTrainingOrder();
  const labels = indexLabels(config, rows);
  return describeDataset(config, rows, foldRows(strataOf(labels, rows)), labels);
}

/** The digest covers inputs, targets and parts, in order: the same examples give the same one, however they arrived. */
export async function describeDataset(
  { task }: HeadConfig,
  rows: readonly TrainingRow[],
  folds: Folds,
  { names }: LabelIndex,
  turn: () => Promise<void> = async () => undefined,
): Promise<HeadMeta["dataset"]> {
  const lines = rows.map(({ digest, target }, i) => `${digest} ${folds.parts[i]} ${targetText(target)}\n`);
  await turn();
  const digest = `sha256:${await sha256Hex(utf8(lines.join("")))}`;
  await turn();
  const baseline = task === "regression" ? valueBaseline(rows, folds) : labelBaseline(rows, folds);
  await turn();
  const counts = Array.from({ length: folds.folds }, (_, fold) => folds.parts.filter((part) => part === fold).length);
  return {
    digest,
    examples: rows.length,
    labels: names,
    baseline,
    foldRows: counts,
    rounds: folds.rounds,
    foldsOnly: folds.foldsOnly,
    deletions: 0,
    valueOffset: valueOffsetOf(rows),
  };
}

type Baseline = VersionView["metrics"]["baseline"];

/** Whether a row is among those that metrics are of. */
const isHeldOut = ({ parts, rounds }: Folds, row: number): boolean =>
  parts[row] !== "test" && (parts[row] as number) < rounds;

/** Accuracy on the rows held out of always giving the most frequent answer. */
function labelBaseline(rows: readonly TrainingRow[], folds: Folds): Baseline {
  const texts = rows.map(({ target }) => targetText(target));
  const counts = new Map<string, number>();
  texts.forEach((text, i) => {
    if (folds.parts[i] !== "test") counts.set(text, (counts.get(text) ?? 0) + 1);
  });
  const [majority] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  const held = texts.filter((_, i) => isHeldOut(folds, i));
  return { accuracy: held.filter((text) => text === majority).length / Math.max(1, held.length) };
}

/** Mean distance from the mean value. */
function valueBaseline(rows: readonly TrainingRow[], { parts }: Folds): Baseline {
  const values = rows.flatMap(({ target }, i) => (parts[i] !== "test" && "value" in target ? [target.value] : []));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mae: values.reduce((sum, value) => sum + Math.abs(value - mean), 0) / values.length };
}
