// Elementwise operations of ONNX: each output element is a function of one element of every input, which are broadcast.
import { CompileError } from "../compile-error.ts";
import { broadcastShape, overDim, plusDim, timesDim } from "../dims.ts";
import type { Dim, GraphNode, Shape } from "../graph.ts";
import { countOf, type ElementType, type Numbers, type Tensor } from "../tensor.ts";
import { erf, sigmoid } from "./activations.ts";
import { numberAttribute, placeOf, textAttribute } from "./attributes.ts";
import {
  dimsFacts,
  type Facts,
  factsOf,
  type Inputs,
  needed,
  type OperationSpec,
  uniformFacts,
  uniformOf,
} from "./operation.ts";

type Arithmetic = (...values: number[]) => number;
/** The function of a node; it may depend on the attributes. */
type FunctionOf = (node: GraphNode, type: ElementType) => Arithmetic;

interface Rules {
  /** The type of the output; otherwise that of the first input that is not boolean. */
  readonly type?: ElementType;
  readonly dims?: (a: Dim, b: Dim) => Dim | null;
  /** What a comparison of ranges tells, if anything. */
  readonly compare?: (a: readonly [number, number], b: readonly [number, number]) => boolean | null;
  /** What the operation makes of counting numbers and one other number. */
  readonly counting?: (start: number, other: number) => number | null;
}

function elementwise(functionOf: FunctionOf, rules: Rules = {}): OperationSpec {
  return {
    infer: (node, inputs) => [inferElementwise(node, present(node, inputs), functionOf, rules)],
    run(node, inputs) {
      const given = present(node, inputs);
      const type = rules.type ?? typeOf(given);
      return [runElementwise(given, type, functionOf(node, type), shapeOf(node, given) as readonly number[])];
    },
  };
}

const present = <Value>(node: GraphNode, inputs: Inputs<Value>): Value[] =>
  node.inputs.flatMap((name, at) => (name === "" ? [] : [needed(node, inputs, at)]));

const typeOf = (inputs: readonly { readonly type: ElementType }[]): ElementType =>
  inputs.find(({ type }) => type !== "bool")?.type ?? "bool";

function shapeOf(node: GraphNode, inputs: readonly { readonly shape: Shape }[]): Shape {
  const shapes = inputs.map(({ shape }) => shape);
  const shape = broadcastShape(shapes);
  if (shape) return shape;
  const found = shapes.map((one) => `[${one.join(", ")}]`).join(" and ");
  throw new CompileError(placeOf(node), `its inputs have the shapes ${found}, which do not fit together`);
}

function inferElementwise(node: GraphNode, inputs: readonly Facts[], functionOf: FunctionOf, rules: Rules): Facts {
  const shape = shapeOf(node, inputs);
  const type = rules.type ?? typeOf(inputs);
  const uniform = inputs.map(uniformOf);
  if (uniform.every((value) => value !== null)) return uniformFacts(shape, type, functionOf(node, type)(...uniform));
  return inferPair(inputs, { type, shape }, rules);
}

function inferPair([a, b]: readonly Facts[], plain: Facts, { dims, compare, counting }: Rules): Facts {
  if (!a || !b) return plain;
  const verdict = compare && a.range && b.range ? compare(a.range, b.range) : null;
  if (verdict !== null) return uniformFacts(plain.shape, plain.type, Number(verdict));
  const sizes = dims && pairwise(a.dims, b.dims, dims);
  if (sizes) return dimsFacts(plain.shape, sizes);
  const [start, other] = a.counting === undefined ? [b.counting, uniformOf(a)] : [a.counting, uniformOf(b)];
  const first = counting && start !== undefined && other !== null ? counting(start, other) : null;
  return first === null ? plain : { ...plain, counting: first };
}

/** null unless both are known, of equal length or one of them single, and every result can be said. */
function pairwise(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
  join: (a: Dim, b: Dim) => Dim | null,
): readonly Dim[] | null {
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return null;
  const results = Array.from({ length: Math.max(a.length, b.length) }, (_, at) =>
    join(a[a.length === 1 ? 0 : at] as Dim, b[b.length === 1 ? 0 : at] as Dim),
  );
  return results.every((dim) => dim !== null) ? results : null;
}

export function emptyNumbers(type: ElementType, count: number): Numbers {
  return type === "f32" ? new Float32Array(count) : new Float64Array(count);
}

function runElementwise(inputs: readonly Tensor[], type: ElementType, f: Arithmetic, shape: readonly number[]): Tensor {
  const data = emptyNumbers(type, countOf(shape));
  const places = inputs.map((input) => placesOf(input.shape, shape));
  const values = new Array<number>(inputs.length);
  for (let at = 0; at < data.length; at++) {
    for (let input = 0; input < inputs.length; input++) {
      const own = places[input];
      values[input] = (inputs[input] as Tensor).data[own ? (own[at] as number) : at] as number;
    }
    data[at] = f(...values);
  }
  return { type, shape, data };
}

/** For each element of the larger shape the element of the smaller one; null if the shapes are equal. */
export function placesOf(from: readonly number[], to: readonly number[]): Int32Array | null {
  if (from.length === to.length && from.every((size, axis) => size === to[axis])) return null;
  const places = new Int32Array(countOf(to));
  let stride = 1;
  let repeat = 1;
  for (let back = 1; back <= to.length; back++) {
    const size = to[to.length - back] as number;
    const own = from[from.length - back] ?? 1;
    if (own > 1)
      for (let at = 0; at < places.length; at++)
        places[at] = (places[at] as number) + (Math.floor(at / repeat) % size) * stride;
    stride *= own;
    repeat *= size;
  }
  return places;
}

const plain = (f: Arithmetic, rules?: Rules): OperationSpec => elementwise(() => f, rules);
const comparison = (f: (a: number, b: number) => boolean, compare?: Rules["compare"]): OperationSpec =>
  plain((a = 0, b = 0) => Number(f(a, b)), compare ? { type: "bool", compare } : { type: "bool" });

/** A named size is a positive number: it equals no other. Whether it is 1 is not known. */
function equalDims(a: Dim, b: Dim): Dim | null {
  if (a === b) return 1;
  const isKnown =
    [a, b].every((dim) => typeof dim === "number") || [a, b].some((dim) => typeof dim === "number" && dim < 1);
  return isKnown ? 0 : null;
}

/** Takes the facts of one branch if it is known which. */
const where: OperationSpec = {
  infer(node, inputs) {
    const [condition, a, b] = present(node, inputs) as [Facts, Facts, Facts];
    const shape = shapeOf(node, [condition, a, b]);
    const verdict = uniformOf(condition);
    if (verdict !== null) return [{ ...(verdict ? a : b), ...factsOf(shape, a.type) }];
    const chosen = condition.dims?.map((one, at) => (one ? a : b).dims?.at((one ? a : b).dims?.length === 1 ? 0 : at));
    const dims = chosen?.filter((dim) => dim !== undefined);
    return [dims && dims.length === chosen?.length ? dimsFacts(shape, dims) : factsOf(shape, a.type)];
  },
  run: elementwise(
    () =>
      (condition = 0, a = 0, b = 0) =>
        condition ? a : b,
  ).run,
};

const divide: FunctionOf =
  (_, type) =>
  (a = 0, b = 0) =>
    type === "int" ? Math.trunc(a / b) : a / b;

/** Its bounds are inputs, or, before opset 11, attributes. Either may be absent. */
const clip: FunctionOf = (node) => {
  const [, low = "", high = ""] = node.inputs;
  const [least, most] = [numberAttribute(node, "min", -3.4e38), numberAttribute(node, "max", 3.4e38)];
  return (x = 0, ...bounds) => {
    const from = low === "" ? least : (bounds[0] as number);
    const to = high === "" ? most : (bounds.at(-1) as number);
    return Math.min(to, Math.max(from, x));
  };
};

const hardSigmoid: FunctionOf = (node) => {
  const [alpha, beta] = [numberAttribute(node, "alpha", 0.2), numberAttribute(node, "beta", 0.5)];
  return (x = 0) => Math.min(1, Math.max(0, alpha * x + beta));
};

const gelu: FunctionOf = (node) => {
  const isTanh = textAttribute(node, "approximate", "none") === "tanh";
  const tanh = (x: number): number => Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
  return (x = 0) => 0.5 * x * (1 + (isTanh ? tanh(x) : erf(x * Math.SQRT1_2)));
};

export const ELEMENTWISE: Readonly<Record<string, OperationSpec>> = {
  Abs: plain((x = 0) => Math.abs(x)),
  Add: plain((a = 0, b = 0) => a + b, { dims: plusDim, counting: (start, other) => start + other }),
  And: plain((a = 0, b = 0) => a && b, { type: "bool" }),
  Ceil: plain((x = 0) => Math.ceil(x)),
  Clip: elementwise(clip),
  Cos: plain((x = 0) => Math.cos(x)),
  Div: elementwise(divide, { dims: overDim }),
  Equal: plain((a = 0, b = 0) => Number(a === b), { type: "bool", dims: equalDims }),
  Erf: plain((x = 0) => erf(x)),
  Exp: plain((x = 0) => Math.exp(x)),
  Floor: plain((x = 0) => Math.floor(x)),
  Gelu: elementwise(gelu),
  Greater: comparison(
    (a, b) => a > b,
    (a, b) => (a[0] > b[1] ? true : a[1] <= b[0] ? false : null),
  ),
  GreaterOrEqual: comparison(
    (a, b) => a >= b,
    (a, b) => (a[0] >= b[1] ? true : a[1] < b[0] ? false : null),
  ),
  HardSigmoid: elementwise(hardSigmoid),
  HardSwish: plain((x = 0) => x * Math.min(1, Math.max(0, x / 6 + 0.5))),
  IsNaN: plain((x = 0) => Number(Number.isNaN(x)), { type: "bool" }),
  Less: comparison(
    (a, b) => a < b,
    (a, b) => (a[1] < b[0] ? true : a[0] >= b[1] ? false : null),
  ),
  LessOrEqual: comparison(
    (a, b) => a <= b,
    (a, b) => (a[1] <= b[0] ? true : a[0] > b[1] ? false : null),
  ),
  Log: plain((x = 0) => Math.log(x)),
  Max: plain((...values) => Math.max(...values)),
  Min: plain((...values) => Math.min(...values)),
  Mul: plain((a = 0, b = 0) => a * b, { dims: timesDim, counting: (start, other) => (other === 1 ? start : null) }),
  Neg: plain((x = 0) => -x),
  Not: plain((x = 0) => Number(!x), { type: "bool" }),
  Or: plain((a = 0, b = 0) => a || b, { type: "bool" }),
  Pow: plain((a = 0, b = 0) => a ** b, {}),
  Reciprocal: plain((x = 0) => 1 / x),
  Relu: plain((x = 0) => Math.max(0, x)),
  Sigmoid: plain((x = 0) => sigmoid(x)),
  Sin: plain((x = 0) => Math.sin(x)),
  Sqrt: plain((x = 0) => Math.sqrt(x)),
  Sub: plain((a = 0, b = 0) => a - b),
  Tanh: plain((x = 0) => Math.tanh(x)),
  Where: where,
};
