// SmoothQuant (Xiao et al. 2023): moves a factor of each channel from the inputs of products to their weights, so that a few large
// channels do not take the precision of all others when rows are quantised.
import { type Graph, type GraphNode, inputOf, outputOf } from "../graph.ts";
import { floats, type Tensor } from "../tensor.ts";

/** The largest size of each channel, over all samples, of the values that products read. */
export type ChannelSizes = ReadonlyMap<string, Float64Array>;

/** Constants and nodes of the graph that is being rewritten. */
interface Draft {
  readonly constants: Map<string, Tensor>;
  readonly nodes: Map<string, GraphNode>;
}

const isLinear = ({ op }: GraphNode): boolean => op === "linear";

/** The values that products read: the sizes of their channels are to be observed. */
export const smoothedValues = ({ nodes }: Graph): Set<string> =>
  new Set(nodes.filter(isLinear).map((node) => inputOf(node, 0)));

/** `strength`: 0 balances nothing, 1 makes all channels of the inputs equal. `kept`: values that must stay as they are. */
export function smoothGraph(graph: Graph, sizes: ChannelSizes, strength: number, kept: ReadonlySet<string>): Graph {
  const draft: Draft = {
    constants: new Map(graph.constants),
    nodes: new Map(graph.nodes.map((node) => [node.name, node])),
  };
  for (const [value, most] of sizes) {
    const readers = graph.nodes.filter(({ inputs }) => inputs.includes(value));
    const products = readers.filter((node) => isLinear(node) && inputOf(node, 0) === value);
    const factors = factorsOf(products, most, graph.constants, strength);
    const isOnlyRead = readers.every((node) => products.includes(node) && inputOf(node, 1) !== value);
    const isFolded = isOnlyRead && !kept.has(value) && foldIntoSource(graph, draft, value, factors);
    for (const product of products) scaleProduct(draft, product, factors, isFolded);
  }
  return {
    ...graph,
    constants: draft.constants,
    nodes: graph.nodes.map(({ name }) => draft.nodes.get(name) as GraphNode),
  };
}

/** What the weights of each input channel are multiplied by, and the channel divided by. */
function factorsOf(
  products: readonly GraphNode[],
  most: Float64Array,
  constants: Graph["constants"],
  strength: number,
): Float64Array {
  const weights = new Float64Array(most.length);
  for (const product of products) {
    const { shape, data } = constants.get(inputOf(product, 2)) as Tensor;
    const outputs = shape[1] as number;
    for (let at = 0; at < data.length; at++) {
      const channel = Math.floor(at / outputs);
      weights[channel] = Math.max(weights[channel] as number, Math.abs(data[at] as number));
    }
  }
  return most.map((size, channel) => {
    const weight = weights[channel] as number;
    return size > 0 && weight > 0 ? size ** strength / weight ** (1 - strength) : 1;
  });
}

/** Divides the channels where they are made, if that is exact: by a layer-norm, or by the values of an attention. */
function foldIntoSource(graph: Graph, draft: Draft, value: string, factors: Float64Array): boolean {
  const source = graph.nodes.find((node) => outputOf(node) === value);
  if (source?.op === "layer-norm") {
    for (const at of [2, 3]) replaceConstant(draft, source, at, (tensor) => dividedColumns(tensor, factors));
    return true;
  }
  if (source?.op !== "attention") return false;
  const values = graph.nodes.find((node) => outputOf(node) === inputOf(source, 2));
  const isShared = graph.nodes.some((node) => node !== source && node.inputs.includes(inputOf(source, 2)));
  const isExact = values?.op === "linear" && values.attributes.activation === "none" && inputOf(values, 1) === "";
  if (!values || isShared || !isExact || inputOf(source, 0) === inputOf(source, 2)) return false;
  for (const at of [2, 3]) replaceConstant(draft, values, at, (tensor) => dividedColumns(tensor, factors));
  return true;
}

function scaleProduct(draft: Draft, product: GraphNode, factors: Float64Array, isFolded: boolean): void {
  replaceConstant(draft, product, 2, ({ shape, data }) => {
    const outputs = shape[1] as number;
    return floats(
      shape,
      Float32Array.from(data, (w, at) => w * (factors[Math.floor(at / outputs)] as number)),
    );
  });
  if (isFolded) return;
  const node = draft.nodes.get(product.name) as GraphNode;
  const smooth = `${product.name}/smooth`;
  draft.constants.set(
    smooth,
    floats(
      [factors.length],
      Float32Array.from(factors, (factor) => 1 / factor),
    ),
  );
  draft.nodes.set(product.name, { ...node, inputs: [...node.inputs.slice(0, 4), smooth] });
}

/** [..., columns] divided by a factor of each column. */
const dividedColumns = ({ shape, data }: Tensor, factors: Float64Array): Tensor =>
  floats(
    shape,
    Float32Array.from(data, (value, at) => value / (factors[at % factors.length] as number)),
  );

/** Gives the node a constant of its own in place of the one that it shares with others. */
function replaceConstant(
  { constants, nodes }: Draft,
  { name }: GraphNode,
  at: number,
  change: (tensor: Tensor) => Tensor,
) {
  const node = nodes.get(name) as GraphNode;
  const own = `${name}/smoothed ${at}`;
  constants.set(own, change(constants.get(inputOf(node, at)) as Tensor));
  nodes.set(name, { ...node, inputs: node.inputs.map((input, place) => (place === at ? own : input)) });
}
