// Recognises activations by what they compute: exporters write GELU, SiLU or hard-swish in many ways. A part of the graph that consists
// of elementwise operations on one value and numbers is a function of one number. If it equals a known activation, it is that.
import { ACTIVATIONS, type Activation } from "../../contract/bundle/operations.ts";
import { type Graph, type GraphNode, outputOf } from "../graph.ts";
import { specOf } from "../infer.ts";
import { ACTIVATION_FUNCTIONS } from "../operations/activations.ts";
import { ELEMENTWISE } from "../operations/functions.ts";
import { countOf, floats, type Tensor } from "../tensor.ts";
import { withoutDeadCode } from "./dead-code.ts";
import { GraphIndex } from "./graph-index.ts";

/** A value as a function of another one: what it becomes where that one is a sample. */
interface UnaryValue {
  readonly base: string;
  readonly results: Tensor;
}

const SAMPLE_COUNT = 161;
/** From −8 to 8 in steps of a tenth, a little off the round numbers where pieces of functions meet. */
const SAMPLES = floats(
  [SAMPLE_COUNT],
  Float32Array.from({ length: SAMPLE_COUNT }, (_, at) => at / 10 - 8 + 0.0037),
);
const TOLERANCE = 1e-5;

export function fuseActivations(graph: Graph): Graph {
  const index = new GraphIndex(graph);
  const functions = new Map<string, UnaryValue>();
  const nodes = graph.nodes.map((node) => {
    const unary = unaryValue(node, index, functions);
    if (!unary) return node;
    functions.set(outputOf(node), unary);
    const kind = activationLike(unary.results);
    return kind ? activationNode(node, unary.base, kind) : node;
  });
  return withoutDeadCode({ ...graph, nodes });
}

function activationNode({ name, outputs }: GraphNode, base: string, activation: Activation): GraphNode {
  return { op: "activation", name, inputs: [base], outputs, attributes: { activation } };
}

function unaryValue(node: GraphNode, index: GraphIndex, functions: ReadonlyMap<string, UnaryValue>): UnaryValue | null {
  if (!Object.hasOwn(ELEMENTWISE, node.op)) return null;
  if (index.factsOf(outputOf(node))?.type !== "f32") return null;
  const given = node.inputs.filter((name) => name !== "");
  const variables = given.filter((name) => index.constantOf(name) === undefined);
  const bases = new Set(variables.map((name) => functions.get(name)?.base ?? name));
  const [base] = bases;
  if (base === undefined || bases.size > 1) return null;
  const inputs = node.inputs.map((name) => inputSamples(name, index, functions));
  return inputs.includes(null) ? null : { base, results: specOf(node).run(node, inputs as Tensor[])[0] as Tensor };
}

/** The samples of a variable, or a constant of one number; null for other constants. An absent input stays absent. */
function inputSamples(
  name: string,
  index: GraphIndex,
  functions: ReadonlyMap<string, UnaryValue>,
): Tensor | null | undefined {
  if (name === "") return undefined;
  const constant = index.constantOf(name);
  if (!constant) return functions.get(name)?.results ?? SAMPLES;
  return countOf(constant.shape) === 1 ? { ...constant, shape: [] } : null;
}

function activationLike({ data }: Tensor): Activation | null {
  const kinds = ACTIVATIONS.filter((kind) => kind !== "none");
  return kinds.find((kind) => data.every((value: number, at: number) => isClose(value, expected(kind, at)))) ?? null;
}

const expected = (kind: Activation, at: number): number => ACTIVATION_FUNCTIONS[kind](SAMPLES.data[at] as number);
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE;
