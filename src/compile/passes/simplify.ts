// Folds what is constant, and removes nodes that change nothing, as often as that finds something.
import { isSameShape } from "../dims.ts";
import { type Graph, type GraphNode, inputOf, outputOf } from "../graph.ts";
import { withoutDeadCode } from "./dead-code.ts";
import { GraphIndex } from "./graph-index.ts";

const MOST_ROUNDS = 20;

export function simplify(graph: Graph): Graph {
  let current = withoutDeadCode(graph);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = simplifyOnce(current);
    if (next.nodes.length === current.nodes.length) return next;
    current = next;
  }
  return current;
}

function simplifyOnce(graph: Graph): Graph {
  const index = new GraphIndex(graph);
  const constants = new Map(graph.constants);
  const aliases = new Map<string, string>();
  const resolve = (name: string): string => aliases.get(name) ?? name;
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const same = sameValue(node, index);
    const folded = node.outputs.map((name) => index.constantOf(name));
    if (folded.every((constant) => constant !== undefined)) {
      node.outputs.forEach((name, at) => {
        const constant = folded[at];
        if (constant) constants.set(name, constant);
      });
    } else if (same !== null) aliases.set(outputOf(node), resolve(same));
    else nodes.push({ ...node, inputs: node.inputs.map(resolve) });
  }
  return withoutDeadCode({ ...graph, nodes, constants, outputs: graph.outputs.map(resolve) });
}

/** The number that an operation may have as its other input without changing the first. */
const NEUTRAL: Readonly<Record<string, number>> = { Add: 0, Sub: 0, Mul: 1, Div: 1, Pow: 1 };
const COMMUTATIVE: readonly string[] = ["Add", "Mul"];
const VIEWS: readonly string[] = [
  "Identity",
  "Dropout",
  "Cast",
  "Reshape",
  "Expand",
  "Squeeze",
  "Unsqueeze",
  "Flatten",
  "Slice",
];

/** The input that the node's output equals; null if there is none. */
function sameValue(node: GraphNode, index: GraphIndex): string | null {
  const candidate = candidateOf(node, index);
  if (candidate === null) return null;
  const [before, after] = [index.factsOf(candidate), index.factsOf(outputOf(node))];
  return before && after && before.type === after.type && isSameShape(before.shape, after.shape) ? candidate : null;
}

function candidateOf(node: GraphNode, index: GraphIndex): string | null {
  const [first, second] = [inputOf(node, 0), inputOf(node, 1)];
  if (VIEWS.includes(node.op)) return first;
  if (node.op === "Where") return branchOf(node, index);
  if (node.op === "Transpose") return isInOrder(node) ? first : null;
  const neutral = NEUTRAL[node.op];
  if (neutral === undefined) return null;
  if (index.uniformOf(second) === neutral) return first;
  return COMMUTATIVE.includes(node.op) && index.uniformOf(first) === neutral ? second : null;
}

const isInOrder = ({ attributes }: GraphNode): boolean =>
  Array.isArray(attributes.perm) && attributes.perm.every((axis, at) => axis === at);

/** Of a condition that is always the same. A value is never NaN: what exporters write against it is dropped. */
function branchOf(node: GraphNode, index: GraphIndex): string | null {
  const [condition, whenTrue, whenFalse] = [inputOf(node, 0), inputOf(node, 1), inputOf(node, 2)];
  const verdict = index.uniformOf(condition);
  if (verdict !== null) return verdict ? whenTrue : whenFalse;
  const test = index.makerOf(condition, "IsNaN");
  return test && inputOf(test, 0) === whenFalse ? whenFalse : null;
}
