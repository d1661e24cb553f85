// A trained head as it is stored, served and exported: labels, scaling, weights and temperature in one record.

import type { HeadKindName } from "../../contract/recipes.ts";
import { decodeRecord, encodeRecord } from "../../core/record.ts";
import type { HeadWeights } from "./kind.ts";
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
