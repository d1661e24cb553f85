// What a finished training leaves: the head that serves, the head its metrics are of, and the figures of the version.
import type { VersionView } from "../contract/versions.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { HeadShape } from "./heads/kind.ts";
import { HEAD_KINDS } from "./heads/registry.ts";
import type { TrainedHead } from "./heads/trained-head.ts";

export interface TrainingOutcome {
  /** Fitted on training and validation rows. */
  readonly final: TrainedHead;
  /** Fitted on training rows only: what a later candidate is compared with, on rows that neither has seen. */
  readonly selected: TrainedHead;
  readonly l2: number;
  readonly evaluations: number;
  readonly path: VersionView["recipe"]["path"];
  readonly metrics: Omit<VersionView["metrics"], "baseline">;
  readonly calibration: VersionView["calibration"];
}

export function outcomeOfTraining(state: Checkpoint): TrainingOutcome {
  const { plan, scaler, selected, parameters, metrics, temperature, test, trials } = state;
  if (state.phase !== "done" || !scaler || !selected || !parameters || !metrics)
    throw new Error("The training is not done");
  const shape: HeadShape = { dims: plan.dims, classes: plan.labels.length };
  const trained = (weights: Float32Array): TrainedHead => ({
    kind: plan.kind,
    labels: plan.labels,
    scaler: { mean: scaler.mean, inverse: scaler.inverse },
    head: HEAD_KINDS[plan.kind].encode(shape, weights),
    temperature: 1 / temperature.beta,
  });
  return {
    final: trained(parameters),
    selected: trained(selected.parameters),
    l2: selected.l2,
    ...{ path: [...trials], evaluations: state.evaluations },
    metrics: { validation: metrics.validation, ...(test ? { test } : {}) },
    calibration: {
      temperature: 1 / temperature.beta,
      ece_before: metrics.eceBefore,
      ece_after: metrics.validation.ece,
    },
  };
}
