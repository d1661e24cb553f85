// Adapts a trained head to another scaler, with the same answers. Both scalings are affine, so the first layer absorbs the
// difference, and for a regression the last layer absorbs that of the values.
import { TASK_KINDS } from "../tasks/registry.ts";
import type { LayerWeights } from "./kind.ts";
import type { Scaler } from "./scaler.ts";
import type { TrainedHead } from "./trained-head.ts";

export function rescaleHead(head: TrainedHead, to: Scaler): TrainedHead {
  const { mean, inverse, target, sparse } = to;
  const layers = head.layers.map((layer, i) => (i === 0 ? rescaleInputs(layer, head.scaler, to) : layer));
  const last = layers.length - 1;
  const areValues = TASK_KINDS[head.task].targets.labels === null;
  const scaled = layers.map((layer, i) => (i === last && areValues ? rescaleValues(layer, head.scaler, to) : layer));
  return { ...head, layers: scaled, scaler: { mean, inverse, target, sparse } };
}

/** x' = (x − m') · i' ⇒ (x − m) · i · W = x' · (i / i') · W + (m' − m) · i · W. */
function rescaleInputs({ weights, bias }: LayerWeights, from: Scaler, to: Scaler): LayerWeights {
  const outputs = bias.length;
  const next = new Float32Array(weights.length);
  const shift = Float64Array.from(bias);
  for (let d = 0; d < from.mean.length; d++) {
    const own = from.inverse[d] as number;
    const factor = own / (to.inverse[d] as number);
    const moved = ((to.mean[d] as number) - (from.mean[d] as number)) * own;
    for (let k = 0; k < outputs; k++) {
      const weight = weights[d * outputs + k] as number;
      next[d * outputs + k] = factor * weight;
      shift[k] = (shift[k] as number) + moved * weight;
    }
  }
  return { weights: next, bias: Float32Array.from(shift) };
}

function rescaleValues(
  { weights, bias }: LayerWeights,
  { target: from }: Scaler,
  { target: to }: Scaler,
): LayerWeights {
  const factor = from.deviation / to.deviation;
  const offset = (from.mean - to.mean) / to.deviation;
  return { weights: weights.map((w) => factor * w), bias: bias.map((b) => factor * b + offset) };
}
