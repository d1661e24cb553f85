// Attention: softmax(scale · query · keyᵀ) · value for each head, however the heads are split and joined. The mask is gone by then: a
// text has no padding, so simplifying has folded it.
import { type GraphNode, inputOf, outputOf } from "../graph.ts";
import { numberAttribute } from "../operations/attributes.ts";
import type { Fused, Fusion } from "./fusion.ts";
import type { GraphIndex } from "./graph-index.ts";
import { type Chain, chainTo, placesOfChain, TRIAL } from "./movement-chain.ts";

export const fuseAttention: Fusion = (node, index) => {
  if (!isRows(outputOf(node), index)) return null;
  const joined = chainTo(outputOf(node), index);
  const context = joined.moves.at(-1) === node ? index.makerOf(joined.source, "MatMul") : undefined;
  const softmax = context && softmaxOf(inputOf(context, 0), index);
  if (!context || !softmax || joined.scale !== 1) return null;
  const scores = chainTo(inputOf(softmax, 0), index);
  const product = index.makerOf(scores.source, "MatMul");
  if (!product || !isInPlace(scores, index)) return null;
  const [query, key] = [chainTo(inputOf(product, 0), index), chainTo(inputOf(product, 1), index)];
  const value = chainTo(inputOf(context, 1), index);
  return attention(node, index, { query, key, value, joined, scale: scores.scale * query.scale * key.scale });
};

interface Parts {
  readonly query: Chain;
  readonly key: Chain;
  readonly value: Chain;
  readonly joined: Chain;
  readonly scale: number;
}

/** [batch, sequence, width] */
function isRows(name: string, index: GraphIndex): boolean {
  const shape = index.shapeOf(name);
  return shape.length === 3 && shape[0] === "batch" && typeof shape[2] === "number";
}

function softmaxOf(name: string, index: GraphIndex): GraphNode | undefined {
  const chain = chainTo(name, index);
  const softmax = index.makerOf(chain.source, "Softmax");
  if (!softmax || chain.scale !== 1 || !isInPlace(chain, index)) return undefined;
  const rank = index.shapeOf(inputOf(softmax, 0)).length;
  const axis = numberAttribute(softmax, "axis", -1);
  return axis === -1 || axis === rank - 1 ? softmax : undefined;
}

/** Whether it moves nothing. */
const isInPlace = (chain: Chain, index: GraphIndex): boolean =>
  chain.moves.length === 0 ||
  (placesOfChain(chain, index)?.data.every((place: number, at: number) => place === at) ?? false);

function attention(node: GraphNode, index: GraphIndex, { query, key, value, joined, scale }: Parts): Fused | null {
  const sources = [query.source, key.source, value.source];
  if (value.scale !== 1 || !sources.every((name) => isRows(name, index))) return null;
  const width = index.shapeOf(query.source)[2] as number;
  const depth = index.shapeOf(joined.source).at(-1);
  if (typeof depth !== "number" || width % depth !== 0) return null;
  const heads = width / depth;
  const isSplit = hasOrder(query, index, (place) => splitPlace(place, heads, depth));
  const isTurned = hasOrder(key, index, (place) => turnedPlace(place, heads, depth));
  const isValue = hasOrder(value, index, (place) => splitPlace(place, heads, depth));
  const isJoined = hasOrder(joined, index, (place) => joinedPlace(place, heads, depth));
  if (!isSplit || !isTurned || !isValue || !isJoined) return null;
  return {
    node: { op: "attention", name: node.name, inputs: sources, outputs: node.outputs, attributes: { heads, scale } },
  };
}

const hasOrder = (chain: Chain, index: GraphIndex, expected: (place: number) => number): boolean =>
  placesOfChain(chain, index)?.data.every((place: number, at: number) => place === expected(at)) ?? false;

const SEQUENCE = TRIAL.sequence as number;

/** The place in [batch, sequence, heads · depth] of a place in [batch, heads, sequence, depth]. */
function splitPlace(place: number, heads: number, depth: number): number {
  const [at, token] = [place % depth, Math.floor(place / depth) % SEQUENCE];
  const [head, batch] = [Math.floor(place / depth / SEQUENCE) % heads, Math.floor(place / depth / SEQUENCE / heads)];
  return ((batch * SEQUENCE + token) * heads + head) * depth + at;
}

/** The same of a place in [batch, heads, depth, sequence]. */
function turnedPlace(place: number, heads: number, depth: number): number {
  const [token, at] = [place % SEQUENCE, Math.floor(place / SEQUENCE) % depth];
  const group = Math.floor(place / depth / SEQUENCE);
  return splitPlace((group * SEQUENCE + token) * depth + at, heads, depth);
}

/** The place in [batch, heads, sequence, depth] of a place in [batch, sequence, heads · depth]. */
function joinedPlace(place: number, heads: number, depth: number): number {
  const [at, head] = [place % depth, Math.floor(place / depth) % heads];
  const [token, batch] = [Math.floor(place / depth / heads) % SEQUENCE, Math.floor(place / depth / heads / SEQUENCE)];
  return ((batch * heads + head) * SEQUENCE + token) * depth + at;
}
