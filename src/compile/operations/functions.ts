// The elementwise operations of ONNX, by name.

import { overDim, plusDim, timesDim } from "../dims.ts";
import type { Dim } from "../graph.ts";
import { erf, sigmoid } from "./activations.ts";
import { numberAttribute, textAttribute } from "./attributes.ts";
import { type Arithmetic, elementwise, type FunctionOf, present, type Rules, shapeOf } from "./elementwise.ts";
import { dimsFacts, type Facts, factsOf, type OperationSpec, uniformOf } from "./operation.ts";

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
