// Turns feature rows into answers: the forward pass of a version, then the answer of its task.
import type { Prediction } from "../contract/predict.ts";
import { isolateMemory } from "../core/memory-budget.ts";
import type { ReadyHead } from "../engine/heads/ready-head.ts";
import { scaleRows } from "../engine/heads/scaler.ts";
import { bootTensor } from "../tensor/boot.ts";
import { FeatureTensor } from "../tensor/features.ts";
import type { ScoringOptions } from "./tasks/kind.ts";
import { SERVED_TASKS } from "./tasks/registry.ts";

/** One prediction per row of `features` [rows][dims]. A row's answer does not depend on other rows, to the bit. */
export async function scoreRows(
  head: ReadyHead,
  features: Float32Array,
  options: ScoringOptions,
): Promise<Prediction[]> {
  return scoreIfReady(head, features, options) ?? answersOf(head, await forwardRows(head, features), options);
}

/** Like `scoreRows`, without waiting; null if the rows need a tensor. */
export function scoreIfReady(head: ReadyHead, features: Float32Array, options: ScoringOptions): Prediction[] | null {
  const outputs = head.forwardRaw(features, rowsOf(head, features));
  return outputs && answersOf(head, outputs, options);
}

const rowsOf = ({ trained }: ReadyHead, features: Float32Array): number => features.length / trained.scaler.mean.length;

function answersOf({ trained }: ReadyHead, outputs: Float32Array, options: ScoringOptions): Prediction[] {
  const width = Math.max(1, trained.labels.length);
  const { answer } = SERVED_TASKS[trained.task];
  if (outputs.length === width) return [answer(trained, outputs, options)];
  return Array.from({ length: outputs.length / width }, (_, r) =>
    answer(trained, outputs.subarray(r * width, (r + 1) * width), options),
  );
}

/** Counts the heap memory of the head and the rows in the budget, but never waits for it. */
async function forwardRows(head: ReadyHead, features: Float32Array): Promise<Float32Array> {
  await bootTensor();
  const { scaler } = head.trained;
  const memory = isolateMemory.take(head.bytes + 2 * features.byteLength);
  const x = FeatureTensor.single(scaleRows(features, scaler), rowsOf(head, features), scaler.mean.length);
  try {
    return head.forward(x);
  } finally {
    x.dispose();
    memory.release();
  }
}
