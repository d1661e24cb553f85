// embed: rows of a table by ids, plus rows of a second table by the place in the sequence.
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, hasTokens, type Shape, shown } from "../extent.ts";
import { TABLE_FORMATS } from "../kernels/functions.ts";
import { tableRowBytes } from "../load/weight-bytes.ts";
import { NUMBER } from "./costs.ts";
import { matrixOf } from "./linear.ts";
import type { Frame, Node, OperationSpec, PlacedWeight } from "./operation.ts";

const TABLE = { formats: ["f32-rows", "f16-rows", "int8-rows", "int4-rows"] } as const;

export const embed: OperationSpec<"embed"> = {
  inputs: [1, 1],
  weights: { table: TABLE, positions: TABLE },
  shape({ inputs: [ids], weights }) {
    const shape = ids as Shape;
    must(hasTokens(shape) && shape.length === 2, `its input ${shown(shape)} is not ids [batch, tokens]`);
    const [, width] = matrixOf(weights.table);
    must(matrixOf(weights.positions)[1] === width, `the rows of its tables differ in width`);
    must(width % 4 === 0, `rows of ${width} numbers are not covered: the width must be a multiple of 4`);
    return [...shape, width];
  },
  cost: (node, { tokens }) => tokens * costOfRow(node),
  scratch: (node) => widthOfRows(node) * BYTES_OF_NUMBER,
  *forward(node, frame) {
    const { extent, output } = frame;
    const [ids = 0] = frame.inputs;
    mustBeIn(node, frame);
    let at = 0;
    for (const length of extent.lengths) {
      embedSequence(node, frame, ids + at * BYTES_OF_NUMBER, output + at * widthOfRows(node) * BYTES_OF_NUMBER, length);
      at += length;
      yield length * costOfRow(node);
    }
  },
};

const widthOfRows = ({ weights }: Node<"embed">): number => (weights.table as PlacedWeight).shape[1] as number;
/** Two rows are read, and one is written twice. */
const costOfRow = (node: Node<"embed">): number => 4 * NUMBER * widthOfRows(node);

/** Refuses ids and places beyond the tables: the kernels trust them. */
function mustBeIn({ weights, attributes }: Node<"embed">, { heap, extent, inputs: [ids = 0] }: Frame): void {
  const rows = (weights.table as PlacedWeight).shape[0] as number;
  const places = ((weights.positions as PlacedWeight).shape[0] as number) - attributes.firstPosition;
  for (const id of heap.ints(ids, extent.tokens))
    if (id < 0 || id >= rows) throw new RangeError(`There is no token ${id}: the model has ${rows}`);
  for (const length of extent.lengths)
    if (length > places) throw new RangeError(`An input has ${length} tokens; the model reads at most ${places}`);
}

function embedSequence({ weights, attributes }: Node<"embed">, frame: Frame, ids: number, out: number, count: number) {
  const { heap, scratch } = frame;
  const [table, positions] = [weights.table as PlacedWeight, weights.positions as PlacedWeight];
  const width = table.shape[1] as number;
  const [format = 0, placeFormat = 0] = [TABLE_FORMATS[table.format], TABLE_FORMATS[positions.format]];
  heap.kernels.readRows(table.address, format, tableRowBytes(table.format, width), ids, out, count, width);
  const rowBytes = tableRowBytes(positions.format, width);
  const first = positions.address + attributes.firstPosition * rowBytes;
  heap.kernels.addFollowingRows(first, placeFormat, rowBytes, scratch, out, count, width);
}
