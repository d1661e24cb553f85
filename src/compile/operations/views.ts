// Operations of ONNX that give the same elements, in the same order, another shape or type.
import { CompileError } from "../compile-error.ts";
import { countDim, overDim } from "../dims.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import type { ElementType, Numbers, Tensor } from "../tensor.ts";
import { listAttribute, numberAttribute, placeOf } from "./attributes.ts";
import { axisOf, type Facts, type Inputs, knownDims, knownNumbers, needed, type OperationSpec } from "./operation.ts";

interface Numbered {
  readonly shape: Shape;
}

/** `shape` is given the facts of all inputs, in which a constant is known as well. */
function view(shapeOf: (node: GraphNode, inputs: Inputs<Facts>) => Shape): OperationSpec {
  return {
    infer(node, inputs) {
      const { counting, ...facts } = needed(node, inputs, 0);
      const shape = shapeOf(node, inputs);
      const isKept = counting !== undefined && shape.at(-1) === facts.shape.at(-1);
      return [isKept ? { ...facts, shape, counting } : { ...facts, shape }];
    },
    run(node, inputs) {
      const { type, data } = needed(node, inputs, 0);
      const known = inputs.map(
        (input) => input && { ...input, constant: input, dims: Array.from(input.data.slice(0, 64)) },
      );
      return [{ type, shape: shapeOf(node, known) as readonly number[], data }];
    },
  };
}

const reshape = view((node, inputs) => {
  const { shape } = needed(node, inputs, 0);
  const wanted = node.inputs.length > 1 ? knownDims(node, inputs, 1) : listAttribute(node, "shape");
  const keepsZeros = numberAttribute(node, "allowzero", 0) === 1;
  const copied = wanted.map((dim, axis) => (dim === 0 && !keepsZeros ? (shape[axis] as Dim) : dim));
  return filledShape(node, shape, copied);
});

/** Replaces −1 by what is left. */
function filledShape(node: GraphNode, shape: Shape, wanted: Shape): Shape {
  const rest = overDim(countDim(shape), countDim(wanted.filter((dim) => dim !== -1)));
  if (wanted.includes(-1) && rest !== null) return wanted.map((dim) => (dim === -1 ? rest : dim));
  if (rest === 1) return wanted;
  // Exporters write the batch of their example, 1, where any batch is meant.
  if (rest === "batch" && wanted[0] === 1) return ["batch", ...wanted.slice(1)];
  throw new CompileError(placeOf(node), `[${shape.join(", ")}] cannot become [${wanted.join(", ")}]`);
}

/** The axes are an input since opset 13, and an attribute before. */
function axesOf(node: GraphNode, inputs: Inputs<Facts>): readonly number[] | null {
  if ((node.inputs[1] ?? "") !== "") return knownNumbers(node, inputs, 1);
  return node.attributes.axes === undefined ? null : listAttribute(node, "axes");
}

const squeeze = view((node, inputs) => {
  const { shape }: Numbered = needed(node, inputs, 0);
  const axes = axesOf(node, inputs)?.map((axis) => axisOf(node, axis, shape.length));
  return shape.filter((dim, axis) => (axes ? !axes.includes(axis) : dim !== 1));
});

const unsqueeze = view((node, inputs) => {
  const { shape }: Numbered = needed(node, inputs, 0);
  const axes = axesOf(node, inputs) ?? [];
  const rank = shape.length + axes.length;
  const places = axes.map((axis) => axisOf(node, axis, rank));
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis): Dim => (places.includes(axis) ? 1 : (rest.shift() as Dim)));
});

const flatten = view((node, inputs) => {
  const { shape }: Numbered = needed(node, inputs, 0);
  const axis = numberAttribute(node, "axis", 1);
  const place = axis < 0 ? axis + shape.length : axis;
  return [countDim(shape.slice(0, place)), countDim(shape.slice(place))];
});

const same = view((node, inputs) => needed(node, inputs, 0).shape);

const BOOL = 9;
const FLOATS: readonly number[] = [1, 10, 11, 16];

/** ONNX's numbers of element types. */
export const elementType = (code: number): ElementType => {
  if (FLOATS.includes(code)) return "f32";
  return code === BOOL ? "bool" : "int";
};

function converted({ data, type }: Tensor, to: ElementType): Numbers {
  if (to === "bool") return Float64Array.from(data, (value) => Number(value !== 0));
  if (to === "int") return type === "f32" ? Float64Array.from(data, Math.trunc) : data;
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

const cast: OperationSpec = {
  infer: (node, inputs) => [{ ...needed(node, inputs, 0), type: elementType(numberAttribute(node, "to")) }],
  run(node, inputs) {
    const tensor = needed(node, inputs, 0);
    const type = elementType(numberAttribute(node, "to"));
    return [{ type, shape: tensor.shape, data: converted(tensor, type) }];
  },
};

export const VIEWS: Readonly<Record<string, OperationSpec>> = {
  Cast: cast,
  Dropout: same,
  Flatten: flatten,
  Identity: same,
  Reshape: reshape,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
};
