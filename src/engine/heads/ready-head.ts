// A trained head with its weights in kernel layout, ready to score rows.
import type { FeatureTensor } from "../../tensor/features.ts";
import { HEAD_KINDS } from "./registry.ts";
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
