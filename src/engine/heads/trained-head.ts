// A trained head in the form that is stored, served and exported: labels, scaling, weights and calibration in one record.
import type { HeadKindName } from "../../contract/recipes.ts";
import type { Task } from "../../contract/tasks.ts";
import { decodeRecord, encodeRecord } from "../../core/record.ts";
import type { HeadShape, HeadWeights, LayerWeights } from "./kind.ts";
import type { Scaler } from "./scaler.ts";

/** Weights are in the exported layout: no padding, row-major. */
export interface TrainedHead {
  readonly task: Task;
  readonly kind: HeadKindName;
  /** Empty for a regression. */
  readonly labels: readonly string[];
  readonly scaler: Scaler;
  readonly layers: HeadWeights;
  /** Scores are softmax or sigmoid of logits / temperature. */
  readonly temperature: number;
  /** For a multi-label head: by label, the least score at which it is set. */
  readonly thresholds: readonly number[] | null;
  /** For a classification: for coverage i / 1,000, the score that a label needs to be in the set. */
  readonly conformal: Float32Array | null;
}

export const shapeOfHead = ({
  scaler,
  labels,
  layers,
}: Pick<TrainedHead, "scaler" | "labels" | "layers">): HeadShape => ({
  dims: scaler.mean.length,
  outputs: Math.max(1, labels.length),
  hidden: layers.length > 1 ? (layers[0]?.bias.length ?? 0) : 0,
});

export const encodeTrainedHead = (head: TrainedHead): Uint8Array<ArrayBuffer> => encodeRecord(head);
export const decodeTrainedHead = (bytes: Uint8Array): TrainedHead => upgradedHead(decodeRecord<TrainedHead>(bytes));

/** The format of version 0.1: a linear head of a classification. */
interface FirstFormat {
  readonly labels: readonly string[];
  readonly scaler: Pick<Scaler, "mean" | "inverse">;
  readonly head: LayerWeights;
  readonly temperature: number;
}

export function upgradedHead(stored: TrainedHead | FirstFormat): TrainedHead {
  if (!("head" in stored)) return stored;
  const { labels, scaler, head, temperature } = stored;
  return {
    task: "classification",
    kind: "linear",
    labels,
    layers: [head],
    temperature,
    thresholds: null,
    conformal: null,
    scaler: { ...scaler, target: { mean: 0, deviation: 1 } },
  };
}
