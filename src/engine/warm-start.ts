// The start of an update: parameters and scaling of the previous version, with its outputs mapped to the current labels. A new
// label begins at zero weights, as likely as the least likely old one.
import { type Checkpoint, startTraining } from "./checkpoint.ts";
import type { LayerWeights } from "./heads/kind.ts";
import { HEAD_KINDS } from "./heads/registry.ts";
import type { Scaler } from "./heads/scaler.ts";
import { shapeOfHead, type TrainedHead } from "./heads/trained-head.ts";
import { type Plan, total } from "./plan.ts";
import { searchFrom } from "./temperature.ts";

export interface WarmStart {
  readonly scaler: Scaler;
  /** Parameters of the model that did not see the held-out fold, and of the one that served. */
  readonly held: Float32Array;
  readonly final: Float32Array;
  /** Temperature of the previous version: outputs of nearly the same model need nearly the same temperature. */
  readonly temperature: number;
}

/** `held` and `final` are heads of one version, of a kind with one layer. */
export function warmStart(held: TrainedHead, final: TrainedHead, labels: readonly string[]): WarmStart {
  const { scaler, temperature } = final;
  return { scaler, held: parametersOf(held, labels), final: parametersOf(final, labels), temperature };
}

function parametersOf(head: TrainedHead, labels: readonly string[]): Float32Array {
  const grown = { ...head, labels, layers: head.layers.map((layer) => withLabels(layer, head.labels, labels)) };
  return HEAD_KINDS[head.kind].decode(shapeOfHead(grown), grown.layers);
}

function withLabels(layer: LayerWeights, from: readonly string[], to: readonly string[]): LayerWeights {
  if (to.length === 0) return layer;
  const inputs = layer.weights.length / from.length;
  const columns = to.map((label) => from.indexOf(label));
  const least = Math.min(...layer.bias);
  const weights = new Float32Array(inputs * to.length);
  for (let d = 0; d < inputs; d++) {
    columns.forEach((column, k) => {
      if (column >= 0) weights[d * to.length + k] = layer.weights[d * from.length + column] as number;
    });
  }
  const bias = Float32Array.from(columns, (column) => (column < 0 ? least : (layer.bias[column] as number)));
  return { weights, bias };
}

/** Starts from another version: reuses its scaling, so that nothing is measured again, its parameters and its temperature. */
export function startUpdate(plan: Plan, { scaler, held, final, temperature }: WarmStart): Checkpoint {
  const rows = total(plan.foldRows);
  const target = { ...scaler.target, mean: scaler.target.mean - plan.valueOffset };
  const started = startTraining(plan);
  return {
    ...started,
    scaler: { ...scaler, target, rows },
    warm: { held, final },
    phase: "next_kind",
    temperature: searchFrom(1 / temperature),
  };
}
