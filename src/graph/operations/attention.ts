// attention: softmax(scale · query · keyᵀ) · value, for each head, within each sequence.
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, hasTokens, type Shape, sameShape, shown, widthOf } from "../extent.ts";
import { CURVE, FLOAT_PRODUCT, itemsAStep } from "./costs.ts";
import type { Frame, Node, OperationSpec } from "./operation.ts";

/** Queries that the kernel has in its lanes. */
const QUERIES = 8;
/** Keys are padded to a multiple of four. */
const PADDED_KEYS = 3;

export const attention: OperationSpec<"attention"> = {
  inputs: [3, 3],
  weights: {},
  shape({ inputs: [query, key, value], attributes: { heads } }) {
    const shape = query as Shape;
    must(hasTokens(shape) && shape.length === 3, `the query ${shown(shape)} is not [batch, tokens, width]`);
    must(sameShape(key as Shape, shape), "key and query differ in their shapes");
    must(sameShape(value as Shape, shape), "value and query differ in their shapes");
    const width = widthOf(shape) / heads;
    must(width % 4 === 0, `${heads} heads of ${width} numbers are not covered: the width must be a multiple of 4`);
    return shape;
  },
  cost: (node, { lengths }) =>
    lengths.reduce((sum, length) => sum + length * node.attributes.heads * queryCost(node, length), 0),
  scratch: (node, { lengths }) => BYTES_OF_NUMBER * QUERIES * (headWidth(node) + Math.max(0, ...lengths) + PADDED_KEYS),
  *forward(node, frame) {
    const rowBytes = widthOf(node.inputs[0] as Shape) * BYTES_OF_NUMBER;
    let at = 0;
    for (const length of frame.extent.lengths) {
      for (let head = 0; head < node.attributes.heads; head++) {
        const offset = at + head * headWidth(node) * BYTES_OF_NUMBER;
        const atOnce = itemsAStep(queryCost(node, length), QUERIES);
        for (let from = 0; from < length; from += atOnce) {
          const to = Math.min(length, from + atOnce);
          attend(node, frame, offset, { from, to, length, rowBytes });
          yield (to - from) * queryCost(node, length);
        }
      }
      at += length * rowBytes;
    }
  },
};

const headWidth = ({ inputs, attributes }: Node<"attention">): number => widthOf(inputs[0] as Shape) / attributes.heads;

/** The work of one query of a head. */
const queryCost = (node: Node<"attention">, length: number): number =>
  length * (2 * FLOAT_PRODUCT * headWidth(node) + CURVE);

interface Queries {
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly rowBytes: number;
}

/** `offset`: of the head's first number in the first row of the sequence. */
function attend(node: Node<"attention">, frame: Frame, offset: number, queries: Queries): void {
  const [query = 0, key = 0, value = 0] = frame.inputs.map((address) => address + offset);
  const { from, to, length, rowBytes } = queries;
  frame.heap.kernels.attention(
    query,
    key,
    value,
    frame.output + offset,
    frame.scratch,
    from,
    to,
    length,
    headWidth(node),
    rowBytes,
    node.attributes.scale,
  );
}
