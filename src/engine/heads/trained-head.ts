// A trained head as it is stored, served and exported: labels, scaling, weights and temperature in one record.

import type { HeadKindName } from "../../contract/recipes.ts";
import { decodeRecord, encodeRecord } from "../../core/record.ts";
import type { FeatureTensor } from "../../tensor/products.ts";
import type { HeadShape, HeadWeights } from "./kind.ts";
import { HEAD_KINDS } from "./registry.ts";
import type { Scaler } from "./scaler.ts";

/** Weights in the layout that leaves the engine: no padding, no kernel's order. */
export interface TrainedHead {
  readonly kind: HeadKindName;
  readonly labels: readonly string[];
  readonly scaler: Scaler;
  readonly head: HeadWeights;
  /** Scores are softmax(logits / temperature). */
  readonly temperature: number;
}

export const encodeTrainedHead = (head: TrainedHead): Uint8Array<ArrayBuffer> => encodeRecord(head);
export const decodeTrainedHead = (bytes: Uint8Array): TrainedHead => decodeRecord<TrainedHead>(bytes);

/** A head ready to compute: logits [rows][classes] of scaled features. */
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
