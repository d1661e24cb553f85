// The drift reference of a training: the distribution of its rows, made from its snapshot when it ends.
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import type { OutOfFold } from "../../../src/engine/findings/out-of-fold.ts";
import type { DriftReference } from "../../../src/lifecycle/drift.ts";
import { countBins, decilesOf, MEASURES, measuresOf } from "../../../src/serving/measures.ts";
import { SCORE_BINS, scoreBin } from "../../../src/serving/tallies.ts";
import type { DataTools } from "./data-tools.ts";

/** Number of rows that is enough for a distribution. */
const ENOUGH_ROWS = 5_000;

export async function referenceOf(
  { plan, scaler, outOfFold }: Checkpoint,
  { data, turns }: DataTools,
): Promise<DriftReference> {
  if (!scaler) throw new Error("The training is not done");
  const values: number[][] = MEASURES.map(() => []);
  const unit = { ...scaler, mean: new Float32Array(plan.dims), inverse: new Float32Array(plan.dims).fill(1) };
  for (const place of data.list(plan.foldRows.map((_, fold) => fold))) {
    if ((values[0]?.length ?? 0) >= ENOUGH_ROWS) break;
    await data.withBlock(place, scaler, (block) => {
      const rows = block.scaled().widened(plan.dims);
      const stride = rows.length / block.rows;
      for (let r = 0; r < block.rows; r++) {
        const measures = measuresOf(rows.subarray(r * stride, r * stride + plan.dims), unit);
        for (const [j, value] of measures.entries()) values[j]?.push(value);
      }
    });
    await turns.take();
  }
  const edges: number[][] = [];
  for (const own of values) {
    edges.push(decilesOf(own));
    await turns.take();
  }
  const measures = values.map((own, j) => countBins(edges[j] as number[], own));
  return { edges, measures, ...answersOf(outOfFold, plan.labels) };
}

/** Scores of the rows by models that had not seen them. */
function answersOf(outOfFold: OutOfFold | null, labels: readonly string[]): Pick<DriftReference, "scores" | "labels"> {
  if (!outOfFold) return { scores: null, labels: null };
  const scores = new Array<number>(SCORE_BINS).fill(0);
  const counts = labels.map(() => 0);
  outOfFold.best.forEach((best, row) => {
    if (best < 0) return;
    const bin = scoreBin(outOfFold.bestScore[row] as number);
    scores[bin] = (scores[bin] as number) + 1;
    counts[best] = (counts[best] as number) + 1;
  });
  return { scores, labels: labels.map((label, k) => [label, counts[k] as number] as const) };
}
