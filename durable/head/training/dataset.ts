// Describes the examples that a version is trained on: digest, counts and baseline.
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { targetText } from "../../../src/contract/targets.ts";
import type { VersionView } from "../../../src/contract/versions.ts";
import { sha256HexOfPieces } from "../../../src/core/bytes.ts";
import { eachInSteps, type Steps } from "../../../src/core/steps.ts";
import type { Turns } from "../../../src/core/turns.ts";
import type { Folds } from "../../../src/engine/data/folds.ts";
import { TASK_KINDS } from "../../../src/engine/tasks/registry.ts";
import type { TrainingRow } from "../../tables/training-order.ts";
import type { HeadMeta } from "../store.ts";
import type { Layout } from "./training-layout.ts";
import { valueOffsetOf } from "./training-rows.ts";

/**
 * The digest covers inputs, targets and parts in training order, with the rows left out at the end. The same examples give the
 * same digest, in whatever order they arrived.
 */
export async function describeDataset(
  { task }: HeadConfig,
  { rows, folds, rowsLeftOut, leftOut, labels: { names } }: Layout,
  turns: Turns,
): Promise<HeadMeta["dataset"]> {
  const digest = `sha256:${await sha256HexOfPieces(textOf(rows, folds, rowsLeftOut), turns)}`;
  const { labels: areLabels } = TASK_KINDS[task].targets;
  const baseline = areLabels ? await turns.run(labelBaseline(rows, folds)) : valueBaseline(rows, folds);
  await turns.take();
  return {
    digest,
    examples: rows.length,
    labels: names,
    leftOut,
    baseline,
    foldRows: rowsByFold(folds),
    rounds: folds.rounds,
    foldsOnly: folds.foldsOnly,
    duplicates: folds.leftOut,
    deletions: 0,
    valueOffset: valueOffsetOf(rows),
  };
}

/** Characters of a piece of the text: a few milliseconds. */
const PIECE_CHARS = 1 << 18;

/** The text that is digested, a line per row, in pieces. */
function* textOf(
  rows: readonly TrainingRow[],
  { parts }: Folds,
  rowsLeftOut: readonly TrainingRow[],
): Generator<string> {
  let piece = "";
  for (let i = 0; i < rows.length + rowsLeftOut.length; i++) {
    const isKept = i < rows.length;
    const { digest, target } = (isKept ? rows[i] : rowsLeftOut[i - rows.length]) as TrainingRow;
    piece += `${digest} ${isKept ? parts[i] : "left out"} ${targetText(target)}\n`;
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

type Baseline = VersionView["metrics"]["baseline"];

/** Whether the metrics are measured on this row. */
const isHeldOut = ({ parts, rounds }: Folds, row: number): boolean =>
  parts[row] !== "test" && (parts[row] as number) < rounds;

function rowsByFold({ parts, folds }: Folds): number[] {
  const counts = Array.from({ length: folds }, () => 0);
  for (const part of parts) if (part !== "test") counts[part] = (counts[part] as number) + 1;
  return counts;
}

/** Accuracy on the held-out rows of a head that always gives the most frequent answer. */
function* labelBaseline(rows: readonly TrainingRow[], folds: Folds): Steps<Baseline> {
  const counts = new Map<string, number>();
  const held = new Map<string, number>();
  let allHeld = 0;
  yield* eachInSteps(rows, ({ target }, i) => {
    const text = targetText(target);
    if (folds.parts[i] !== "test") counts.set(text, (counts.get(text) ?? 0) + 1);
    if (!isHeldOut(folds, i)) return;
    held.set(text, (held.get(text) ?? 0) + 1);
    allHeld++;
  });
  const [majority = ""] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  return { accuracy: (held.get(majority) ?? 0) / Math.max(1, allHeld) };
}

/** Mean distance from the mean value. */
function valueBaseline(rows: readonly TrainingRow[], { parts }: Folds): Baseline {
  const values = rows.flatMap(({ target }, i) => (parts[i] !== "test" && "value" in target ? [target.value] : []));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mae: values.reduce((sum, value) => sum + Math.abs(value - mean), 0) / values.length };
}
