// Embeddings: a sum of rows of tables, by the token and by its place, and of constant rows.
import { type GraphNode, inputOf, outputOf } from "../graph.ts";
import { countOf, floats, type Tensor } from "../tensor.ts";
import type { Fused, Fusion } from "./fusion.ts";
import type { GraphIndex } from "./graph-index.ts";

interface Terms {
  readonly table: string;
  readonly ids: string;
  readonly positions: Tensor;
  readonly firstPosition: number;
  readonly rows: readonly Tensor[];
}

export const fuseEmbedding: Fusion = (node, index) => {
  if (node.op !== "Add" || index.readerOf(outputOf(node), "Add")) return null;
  const terms = termsOf(node, index).map((name) => termOf(name, index));
  if (terms.includes(null) || terms.length < 2) return null;
  const words = terms.filter((term) => term?.kind === "tokens");
  const places = terms.filter((term) => term?.kind === "places");
  const rows = terms.filter((term) => term?.kind === "row");
  const [word] = words;
  const [place] = places;
  if (!word || !place || words.length !== 1 || places.length !== 1) return null;
  return embedding(node, index, {
    table: word.table,
    ids: word.ids,
    positions: place.positions,
    firstPosition: place.first,
    rows: rows.map(({ row }) => row),
  });
};

/** The values that a tree of sums adds. */
function termsOf(node: GraphNode, index: GraphIndex): string[] {
  return node.inputs.flatMap((name) => {
    const inner = index.makerOf(name, "Add");
    return inner ? termsOf(inner, index) : [name];
  });
}

type Term =
  | { readonly kind: "tokens"; readonly table: string; readonly ids: string }
  | { readonly kind: "places"; readonly positions: Tensor; readonly first: number }
  | { readonly kind: "row"; readonly row: Tensor };

function termOf(name: string, index: GraphIndex): Term | null {
  const constant = index.constantOf(name);
  if (constant) return countOf(constant.shape) === constant.shape.at(-1) ? { kind: "row", row: constant } : null;
  const gather = index.makerOf(name, "Gather");
  const table = gather && index.constantOf(inputOf(gather, 0));
  if (table?.shape.length !== 2 || (gather?.attributes.axis ?? 0) !== 0 || !gather) return null;
  const ids = inputOf(gather, 1);
  const uniform = index.uniformOf(ids);
  if (uniform !== null) return { kind: "row", row: rowOf(table, uniform) };
  const counting = index.factsOf(ids)?.counting;
  if (counting !== undefined) return { kind: "places", positions: table, first: counting };
  const isInput = index.graph.inputs.some((input) => input.name === ids);
  return isInput ? { kind: "tokens", table: inputOf(gather, 0), ids } : null;
}

function rowOf({ shape, data }: Tensor, row: number): Tensor {
  const width = shape[1] as number;
  return floats([width], Float32Array.from(data.subarray(row * width, (row + 1) * width)));
}

function embedding(node: GraphNode, index: GraphIndex, terms: Terms): Fused {
  const { table, ids, positions, firstPosition, rows } = terms;
  const name = `${node.name}/positions`;
  const width = positions.shape[1] as number;
  const summed = Float32Array.from(positions.data, (value, at) =>
    rows.reduce((sum, { data }) => sum + (data[at % width] as number), value),
  );
  const inputs = [ids, table, name];
  const fused = { op: "embed", name: node.name, inputs, outputs: node.outputs, attributes: { firstPosition } };
  return index.shapeOf(outputOf(node)).length === 3
    ? { node: fused, constants: { [name]: floats(positions.shape, summed) } }
    : { node };
}
