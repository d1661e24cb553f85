// The interface of a task in serving: its answers, and how exported files describe them. One file beside this one implements
// each task; ./registry.ts lists them.
import type { Prediction } from "../../contract/predict.ts";
import type { ReadyHead } from "../../engine/heads/ready-head.ts";

export interface ScoringOptions {
  /** Number of scores to list; absent: all. */
  readonly top?: number | undefined;
  /** Abstain if the best score is lower. For label sets: the score that each label needs. */
  readonly threshold?: number | undefined;
  /** Add the set of labels that contains the right one with this probability. */
  readonly coverage?: number | undefined;
}

/** A head without its weights. */
export type ServedHead = ReadyHead["trained"];

export interface ServedTask {
  /** The answer from one row of outputs, by calibration, ranking, and abstention below the threshold. */
  answer(head: ServedHead, outputs: Float32Array, options: ScoringOptions): Prediction;
  /** The function from outputs / temperature to scores; null: an output is a value, in deviations from the mean. */
  readonly activation: "softmax" | "sigmoid" | null;
  readonly hasThresholds: boolean;
}
