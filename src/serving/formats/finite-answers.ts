// Checks that a head's answers are finite for every input: weights can be finite although their sums are not.
import type { LayerWeights } from "../../engine/heads/kind.ts";
import { MOST_DEVIATIONS } from "../../engine/heads/scaler.ts";
import type { TrainedHead } from "../../engine/heads/trained-head.ts";
import { badFile } from "./bad-file.ts";

const MOST_FLOAT32 = 2 ** 127;

/** Throws if any input could make an output, a scaled softmax logit or a value not finite. */
export function assertAnswersFinite({ layers, temperature, scaler: { target } }: TrainedHead): void {
  let bounds = new Float64Array(layers[0] ? layers[0].weights.length / layers[0].bias.length : 0).fill(MOST_DEVIATIONS);
  layers.forEach((layer, i) => {
    bounds = boundsOf(layer, bounds);
    if (!bounds.every((bound) => bound < MOST_FLOAT32))
      throw badFile(`/tensors/layers.${i}.weight`, "has weights so large that sums of them are beyond float32");
  });
  const most = bounds.reduce((a, b) => Math.max(a, b), 0);
  if (!Number.isFinite((2 * most) / temperature))
    throw badFile("/temperature", "is so small that scores are not finite");
  if (!Number.isFinite(Math.abs(target.mean) + most * target.deviation))
    throw badFile("/target", "is so large that values are not finite");
}

/** Upper bound of the magnitude of each output, if the inputs are at most `inputs` [inputs]. */
function boundsOf({ weights, bias }: LayerWeights, inputs: Float64Array): Float64Array<ArrayBuffer> {
  const bounds = Float64Array.from(bias, Math.abs);
  inputs.forEach((most, d) => {
    for (let k = 0; k < bias.length; k++) {
      bounds[k] = (bounds[k] as number) + most * Math.abs(weights[d * bias.length + k] as number);
    }
  });
  return bounds;
}
