// Scores many rows in slices of a few milliseconds, with turns of the event loop between them. A row's scores do not depend on
// other rows, to the bit, so slices do not change an answer.
import type { Prediction } from "../../contract/predict.ts";
import { turnLoop } from "../../core/turns.ts";
import { PREDICT_WORK } from "../../core/work.ts";
import type { Question, Replica } from "../../serving/answer.ts";
import { scoreAs } from "../../serving/answer.ts";

/** Rows that a version scores in one slice. Waits for its weights if they are not cached. */
export async function rowsPerSlice(version: number, { weights, head, state, ask }: Replica): Promise<number> {
  const ready = await weights.of(head, state, version, () => ask(version));
  const { perTurn, perHeadByte, perLabel } = PREDICT_WORK;
  return Math.max(1, Math.floor(perTurn / (perHeadByte * ready.bytes + perLabel * ready.trained.labels.length)));
}

/** The `rows` rows of a question in slices of `most`. Takes a turn before every slice except the first. */
export async function* slicesOf(
  { features, options }: Question,
  rows: number,
  most: number,
): AsyncGenerator<Question & { readonly from: number; readonly to: number }> {
  const dims = features.length / rows;
  for (let from = 0; from < rows; from += most) {
    if (from > 0) await turnLoop();
    const to = Math.min(rows, from + most);
    yield { features: features.subarray(from * dims, to * dims), options, from, to };
  }
}

/** Scores with one version, independent of traffic. */
export async function scoreInSlices(
  version: number,
  replica: Replica,
  question: Question,
  rows: number,
): Promise<Prediction[]> {
  const most = await rowsPerSlice(version, replica);
  const predictions: Prediction[] = [];
  for await (const slice of slicesOf(question, rows, most))
    predictions.push(...(await scoreAs(version, replica, slice)));
  return predictions;
}
