// A trained head with its weights laid out for the kernels: what scores rows.
import type { FeatureTensor } from "../../tensor/products.ts";
import type { HeadShape } from "./kind.ts";
import { HEAD_KINDS } from "./registry.ts";
import type { TrainedHead } from "./trained-head.ts";

/** Logits [rows][classes] of scaled features. */
export interface ReadyHead {
  readonly trained: TrainedHead;
  forward(x: FeatureTensor): Float32Array;
}

export function readyHead(trained: TrainedHead): ReadyHead {
  const kind = HEAD_KINDS[trained.kind];
  const shape: HeadShape = { dims: trained.scaler.mean.length, classes: trained.labels.length };
  const parameters = kind.decode(shape, trained.head);
  return { trained, forward: (x) => kind.forward(shape, parameters, x) };
}
