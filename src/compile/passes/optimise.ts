// All passes, in order: from the graph of a file to one of fused operations.
import type { Graph } from "../graph.ts";
import { fuseActivations } from "./fuse-activations.ts";
import { fuseAttention } from "./fuse-attention.ts";
import { fuseEmbedding } from "./fuse-embeddings.ts";
import { fuseLayerNorm } from "./fuse-layer-norms.ts";
import { fusePool, poolsToRows } from "./fuse-pools.ts";
import { fuseAffine, fuseConvolution, fuseLinear } from "./fuse-products.ts";
import { fuseActivation, fuseNormResidual, fusePair, fuseResidual } from "./fuse-sums.ts";
import { applyFusion, type Fusion } from "./fusion.ts";
import { simplify } from "./simplify.ts";

const MOST_ROUNDS = 8;

export function optimise(graph: Graph): Graph {
  const simple = fuseActivations(simplify(graph));
  const fused = [fuseLayerNorm, fuseEmbedding, fuseAttention, fuseLinear, fuseConvolution].reduce(applyFusion, simple);
  const folded = repeatedly(fused, fuseAffine);
  const paired = [fusePool, fusePair, fuseActivation, fuseNormResidual, fuseResidual].reduce(applyFusion, folded);
  return poolsToRows(paired);
}

/** A fusion whose result may be fused again. */
function repeatedly(graph: Graph, fusion: Fusion): Graph {
  let current = graph;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = applyFusion(current, fusion);
    if (next.nodes.length === current.nodes.length) return next;
    current = next;
  }
  return current;
}
