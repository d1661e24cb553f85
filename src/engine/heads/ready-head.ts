// A trained head with its weights in kernel layout, ready to score rows.
import { isolateMemory } from "../../core/memory-budget.ts";
import { bootTensor } from "../../tensor/boot.ts";
import { FeatureTensor } from "../../tensor/features.ts";
import { HEAD_KINDS } from "./registry.ts";
import { scaleRows } from "./scaler.ts";
import { shapeOfHead, type TrainedHead } from "./trained-head.ts";

/** Computes outputs [rows][outputs]. */
export interface ReadyHead {
  /** Everything except the weights, which are stored in kernel layout here. */
  readonly trained: Omit<TrainedHead, "layers">;
  readonly bytes: number;
  forward(x: FeatureTensor): Float32Array;
  /** The bits of `forward` without tfjs, for unscaled `features` [rows][dims]; null: use `forward` instead. */
  forwardRaw(features: Float32Array, rows: number): Float32Array | null;
}

export function readyHead({ layers, ...trained }: TrainedHead): ReadyHead {
  const kind = HEAD_KINDS[trained.kind];
  const shape = shapeOfHead({ ...trained, layers });
  const parameters = kind.decode(shape, layers);
  const { mean, inverse } = trained.scaler;
  const raw = { outputs: shape.outputs, parameters, scaler: trained.scaler };
  return {
    trained,
    bytes: parameters.byteLength + mean.byteLength + inverse.byteLength + (trained.conformal?.byteLength ?? 0),
    forward: (x) => kind.forward(shape, parameters, x),
    forwardRaw: (features, rows) => kind.forwardRaw(raw, features, rows),
  };
}

/**
 * Computes the outputs of unscaled features with tfjs. Counts the heap memory of the head and the rows in the budget, but never waits
 * for it.
 */
export async function forwardRows(head: ReadyHead, features: Float32Array): Promise<Float32Array> {
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

export const rowsOf = ({ trained }: ReadyHead, features: Float32Array): number =>
  features.length / trained.scaler.mean.length;
