// The rows that products multiply with their weights, for samples of inputs: what rounding is measured on.
import { type Graph, type GraphNode, inputOf } from "../graph.ts";
import { outputSize, windowOf, windowPlaces } from "../operations/windows.ts";
import { runGraph } from "../run.ts";
import type { Tensor } from "../tensor.ts";
import type { Sample } from "./measure.ts";

/** Rows of each product, by the name of its node. */
export type ProductRows = ReadonlyMap<string, readonly Float64Array[]>;

const MOST_ROWS_A_SAMPLE = 128;

export function collectRows(graph: Graph, products: readonly GraphNode[], samples: readonly Sample[]): ProductRows {
  const rows = new Map<string, Float64Array[]>(products.map(({ name }) => [name, []]));
  const watch = (value: string, tensor: Tensor): void => {
    for (const node of products.filter((one) => inputOf(one, 0) === value))
      rows.get(node.name)?.push(...rowsOf(node, tensor, graph.constants));
  };
  for (const sample of samples) {
    for (const [name, tensor] of Object.entries(sample)) watch(name, tensor);
    runGraph(graph, sample, graph.outputs, watch);
  }
  return rows;
}

function rowsOf(node: GraphNode, x: Tensor, constants: Graph["constants"]): Float64Array[] {
  if (node.op === "conv") return windowsOf(node, x, constants.get(inputOf(node, 2)) as Tensor);
  const width = x.shape.at(-1) as number;
  const smooth = constants.get(inputOf(node, 4))?.data;
  return picked(x.data.length / width).map((row) =>
    Float64Array.from({ length: width }, (_, at) => (x.data[row * width + at] as number) * (smooth?.[at] ?? 1)),
  );
}

/** Up to so many places of `count`, at equal distances. */
function picked(count: number): number[] {
  const step = Math.max(1, Math.floor(count / MOST_ROWS_A_SAMPLE));
  return Array.from({ length: Math.ceil(count / step) }, (_, at) => at * step);
}

/** Windows of the first image, ordered height, width, channel. */
function windowsOf(node: GraphNode, x: Tensor, weight: Tensor): Float64Array[] {
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const [, , high = 0, wide = 0] = weight.shape;
  const window = windowOf(node, [high, wide], x.shape);
  const to = outputSize(node, window, x.shape);
  const places = windowPlaces(window, [height, width], to);
  return picked(to[0] * to[1]).map((pixel) =>
    Float64Array.from({ length: high * wide * channels }, (_, at) => {
      const place = places[pixel * high * wide + Math.floor(at / channels)] as number;
      return place < 0 ? 0 : (x.data[(at % channels) * height * width + place] as number);
    }),
  );
}
