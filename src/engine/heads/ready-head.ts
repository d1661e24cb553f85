// A trained head with its weights laid out for the kernels: what scores rows.
import type { FeatureTensor } from "../../tensor/features.ts";
import { HEAD_KINDS } from "./registry.ts";
import { shapeOfHead, type TrainedHead } from "./trained-head.ts";

/** Outputs [rows][outputs] of scaled features. */
export interface ReadyHead {
  /** All but the weights, which are laid out another way here. */
  readonly trained: Omit<TrainedHead, "layers">;
  readonly bytes: number;
  forward(x: FeatureTensor): Float32Array;
  /** The same bits without tfjs, of `features` [rows][dims] as they came; null where it cannot. */
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
