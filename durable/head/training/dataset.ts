// Describes the examples that a version is trained on: digest, counts and baseline.
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { targetText } from "../../../src/contract/targets.ts";
import { sha256HexOfPieces } from "../../../src/core/bytes.ts";
import type { Turns } from "../../../src/core/turns.ts";
import type { Folds } from "../../../src/engine/data/folds.ts";
import type { TrainingRow } from "../../tables/training-order.ts";
import type { HeadMeta } from "../store.ts";
import { baselineOf } from "./baseline.ts";
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
  const baseline = await baselineOf(task, rows, folds, turns);
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

function rowsByFold({ parts, folds }: Folds): number[] {
  const counts = Array.from({ length: folds }, () => 0);
  for (const part of parts) if (part !== "test") counts[part] = (counts[part] as number) + 1;
  return counts;
}
