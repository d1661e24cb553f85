// Chains of nodes that only move elements, and scale them by one number: how heads are split and joined. What a chain does is found out
// by running it on places, so that every way to write it is understood.
import { type Dim, type GraphNode, inputOf, type Shape } from "../graph.ts";
import { specOf } from "../infer.ts";
import { countOf, integers, type Tensor } from "../tensor.ts";
import { withConstant } from "./fuse-layer-norms.ts";
import type { GraphIndex } from "./graph-index.ts";

const VIEWS: readonly string[] = ["Reshape", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Identity"];
const MOVES: readonly string[] = [...VIEWS, "Gather", "Slice"];
const MOST_NODES = 12;

export interface Chain {
  /** The value that the chain begins with. */
  readonly source: string;
  /** From the source on. */
  readonly moves: readonly GraphNode[];
  /** The product of all numbers that it is multiplied by. */
  readonly scale: number;
}

/** The longest chain that ends with this value. */
export function chainTo(name: string, index: GraphIndex): Chain {
  const moves: GraphNode[] = [];
  let scale = 1;
  let source = name;
  for (let count = 0; count < MOST_NODES; count++) {
    const node = index.makerOf(source);
    if (!node) break;
    const factor = MOVES.includes(node.op) ? null : factorOf(node, index);
    if (MOVES.includes(node.op)) moves.unshift(node);
    else if (factor) scale *= factor.value;
    else break;
    source = factor?.other ?? inputOf(node, 0);
  }
  return { source, moves, scale };
}

function factorOf(node: GraphNode, index: GraphIndex): { readonly other: string; readonly value: number } | null {
  if (node.op !== "Mul" && node.op !== "Div") return null;
  const pair = withConstant(node, index);
  const value = pair && index.uniformOf(pair.constant);
  if (!pair || value === null || value === 0 || (node.op === "Div" && pair.other !== inputOf(node, 0))) return null;
  return { other: pair.other, value: node.op === "Div" ? 1 / value : value };
}

/** Sizes that stand for the named ones when a chain is tried. */
export const TRIAL: Readonly<Record<string, number>> = { batch: 2, sequence: 3 };

const trialDim = (dim: Dim): number =>
  typeof dim === "number" ? dim : dim.split("*").reduce((product, part) => product * (TRIAL[part] ?? Number(part)), 1);

export const trialShape = (shape: Shape): number[] => shape.map(trialDim);

const MOST_TRIAL_ELEMENTS = 2 ** 20;

/** For each element of the chain's result the place in its source; null if it cannot be tried. */
export function placesOfChain({ source, moves }: Chain, index: GraphIndex): Tensor | null {
  const shape = trialShape(index.shapeOf(source));
  const count = countOf(shape);
  if (!(count <= MOST_TRIAL_ELEMENTS)) return null;
  let value = integers(
    shape,
    Array.from({ length: count }, (_, at) => at),
  );
  for (const node of moves) {
    const others = node.inputs.slice(1).map((name) => trialConstant(name, index));
    value = specOf(node).run(node, [value, ...others])[0] as Tensor;
  }
  return value;
}

function trialConstant(name: string, index: GraphIndex): Tensor | undefined {
  const facts = index.factsOf(name);
  if (facts?.constant) return facts.constant;
  return facts?.dims && integers(facts.shape as readonly number[], facts.dims.map(trialDim));
}
