// Rows that wait to be appended, and how many of them the object stores at once.
import type { CheckedRow } from "../../backbones/example-row.ts";
import { digestedBytes } from "../../contract/inputs.ts";
import { labelsIn } from "../../contract/targets.ts";
import { LIMITS } from "../../core/limits.ts";
import { UPLOAD_WORK } from "../../core/work.ts";

/** A validated row that waits to be appended. */
export interface BatchRow extends CheckedRow {
  readonly line: number | undefined;
  /** Rejected rows between the previous accepted row and this one. */
  readonly rejectedBefore: number;
}

/** Bytes of a row in a call between objects. Many labels may take more than the input. */
export const rowBytes = ({ input, example }: CheckedRow): number =>
  labelsIn(example.target).reduce((sum, { length }) => sum + 2 * length, digestedBytes(input).byteLength);

/**
 * Divides rows into parts that the object stores in a few milliseconds each: some blocks of features, or less for larger rows.
 */
export function* appendable(rows: readonly BatchRow[], dimension: number): Generator<readonly BatchRow[]> {
  const most = Math.max(1, Math.floor(LIMITS.appendedFeatureBytes / (4 * dimension)));
  let [from, work] = [0, 0];
  for (const [i, row] of rows.entries()) {
    const bytes = 4 * dimension + rowBytes(row);
    const labels = labelsIn(row.example.target).length;
    work += UPLOAD_WORK.perExample + UPLOAD_WORK.perLabel * labels + UPLOAD_WORK.perStoredByte * bytes;
    const isFull = work >= UPLOAD_WORK.perAppend || i + 1 - from >= most;
    if (!isFull && i + 1 < rows.length) continue;
    yield rows.slice(from, i + 1);
    [from, work] = [i + 1, 0];
  }
}
