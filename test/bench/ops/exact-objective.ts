// The exact objective of a fit on unchanged features: in float64, independent of the training's precision.
import { linear } from "../../../src/engine/heads/linear.ts";
import type { FittedScaler } from "../../../src/engine/heads/scaler.ts";
import { type Plan, shapeFor } from "../../../src/engine/plan.ts";
import type { StoredSet } from "../object/stored-set.ts";

/** Mean cross-entropy of the training rows + l2/2·|W|², for a linear head over features that are at most centred. */
export function exactObjective(
  stored: StoredSet,
  plan: Plan,
  { mean }: FittedScaler,
  parameters: Float32Array,
  l2: number,
): number {
  const [layer] = linear.encode(shapeFor(plan, "linear"), parameters);
  if (!layer) throw new Error("A linear head has one layer");
  const { weights, bias } = layer;
  const logits = new Float64Array(bias.length);
  let [loss, rows] = [0, 0];
  for (const { features, labels } of stored.blocks("train")) {
    rows += labels.length;
    labels.forEach((label, r) => {
      logits.set(bias);
      for (let d = 0; d < mean.length; d++) {
        const value = (features[r * mean.length + d] as number) - (mean[d] as number);
        const at = d * bias.length;
        for (let k = 0; k < bias.length; k++) logits[k] = (logits[k] as number) + value * (weights[at + k] as number);
      }
      loss += crossEntropy(logits, label);
    });
  }
  return loss / rows + (l2 / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0);
}

function crossEntropy(logits: Float64Array, label: number): number {
  const peak = Math.max(...logits);
  return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - peak), 0)) + peak - (logits[label] as number);
}
