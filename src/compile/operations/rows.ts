// Fused operations on rows: what a transformer consists of. Values are [batch, sequence, width].
import { CompileError } from "../compile-error.ts";
import type { GraphNode, Shape } from "../graph.ts";
import { countOf, float32Of, floats, type Tensor } from "../tensor.ts";
import { activate } from "./activations.ts";
import { numberAttribute, placeOf } from "./attributes.ts";
import { type Facts, factsOf, type Inputs, type OperationSpec } from "./operation.ts";
import { product, quantisedRows } from "./products.ts";
import { normaliseRow, softmaxRow } from "./row-functions.ts";

const lastOf = (shape: Shape): number => shape.at(-1) as number;

/** All inputs of an operation whose inputs are checked when it is made. */
const all = <Value>(inputs: Inputs<Value>): readonly Value[] => inputs as readonly Value[];

const sameShape = (_: GraphNode, [x]: Inputs<Facts>): readonly Facts[] => [factsOf((x as Facts).shape)];

export function addTo(data: Float32Array, residual: Tensor | undefined): void {
  if (!residual) return;
  for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) + (residual.data[at] as number);
}

export const embed: OperationSpec = {
  infer: (_, [ids, table]) => [factsOf([...(ids as Facts).shape, lastOf((table as Facts).shape)])],
  run(node, inputs) {
    const [ids, table, positions] = all(inputs) as [Tensor, Tensor, Tensor];
    const width = table.shape[1] as number;
    const sequence = ids.shape.at(-1) as number;
    const first = numberAttribute(node, "firstPosition");
    const result = new Float32Array(ids.data.length * width);
    ids.data.forEach((id: number, token: number) => {
      const place = first + (token % sequence);
      if (!(id < (table.shape[0] as number) && place < (positions.shape[0] as number)))
        throw new CompileError(placeOf(node), `there is no row for the token ${id} at the place ${place}`);
      for (let at = 0; at < width; at++)
        result[token * width + at] =
          (table.data[id * width + at] as number) + (positions.data[place * width + at] as number);
    });
    return [floats([...ids.shape, width], result)];
  },
};

export const layerNorm: OperationSpec = {
  infer: sameShape,
  run(node, inputs) {
    const [x, residual, gamma, beta] = inputs as [Tensor, Tensor | undefined, Tensor, Tensor];
    const result = Float32Array.from(x.data);
    addTo(result, residual);
    const width = lastOf(x.shape);
    for (let row = 0; row < result.length; row += width)
      normaliseRow(result.subarray(row, row + width), gamma, beta, numberAttribute(node, "epsilon"));
    return [floats(x.shape, result)];
  },
};

export const linear: OperationSpec = {
  infer(_, inputs) {
    const [x, , weight] = all(inputs) as [Facts, Facts, Facts];
    return [factsOf([...x.shape.slice(0, -1), lastOf(weight.shape)])];
  },
  run(node, inputs) {
    const [x, residual, weight, bias, smooth] = inputs as [Tensor, Tensor?, Tensor?, Tensor?, Tensor?];
    const [depth = 0, columns = 0] = (weight as Tensor).shape;
    const exact = smooth ? scaledChannels(x, smooth) : float32Of(x);
    const limit = numberAttribute(node, "activationLimit", 0);
    const data = limit > 0 ? quantisedRows(exact, depth, limit) : exact;
    const result = product(data, (weight as Tensor).data, countOf(x.shape) / depth, depth, columns);
    for (let at = 0; at < result.length; at++)
      result[at] = (result[at] as number) + ((bias as Tensor).data[at % columns] as number);
    activate(node, result);
    addTo(result, residual);
    return [floats([...x.shape.slice(0, -1), columns], result)];
  },
};

const scaledChannels = (x: Tensor, { data }: Tensor): Float32Array =>
  Float32Array.from(float32Of(x), (value, at) => value * (data[at % data.length] as number));

export const attention: OperationSpec = {
  infer: sameShape,
  run(node, inputs) {
    const [query, key, value] = all(inputs) as [Tensor, Tensor, Tensor];
    const [batch = 0, length = 0, width = 0] = query.shape;
    const heads = numberAttribute(node, "heads");
    const result = new Float32Array(query.data.length);
    for (let one = 0; one < batch * heads; one++) {
      const first = Math.floor(one / heads) * length * width + (one % heads) * (width / heads);
      attend({ query, key, value, result, first, length, width, depth: width / heads }, numberAttribute(node, "scale"));
    }
    return [floats(query.shape, result)];
  },
};

interface Head {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly result: Float32Array;
  readonly first: number;
  readonly length: number;
  readonly width: number;
  readonly depth: number;
}

/** One head of one sequence. */
function attend({ query, key, value, result, first, length, width, depth }: Head, scale: number): void {
  const shares = new Float64Array(length);
  for (let q = 0; q < length; q++) {
    const from = first + q * width;
    for (let k = 0; k < length; k++) shares[k] = scale * dot(query, from, key, first + k * width, depth);
    softmaxRow(shares);
    for (let k = 0; k < length; k++)
      for (let at = 0; at < depth; at++)
        result[from + at] =
          (result[from + at] as number) + (shares[k] as number) * (value.data[first + k * width + at] as number);
  }
}

function dot(a: Tensor, aAt: number, b: Tensor, bAt: number, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += (a.data[aAt + at] as number) * (b.data[bAt + at] as number);
  return sum;
}
