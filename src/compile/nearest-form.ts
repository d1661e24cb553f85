// What to tell about an operation that is not covered: the nearest form that is.
import { OPERATIONS } from "./operations/registry.ts";

/** By the beginning of the operation's name. The first that fits. */
const NEAREST: readonly (readonly [string, string])[] = [
  ["com.microsoft.", "export the model without the optimisations of onnxruntime: standard operations are fused here"],
  ["LRN", "normalisation with constants is covered: BatchNormalization, LayerNormalization"],
  ["InstanceNormalization", "normalisation with constants is covered: BatchNormalization, LayerNormalization"],
  ["GroupNormalization", "normalisation with constants is covered: BatchNormalization, LayerNormalization"],
  [
    "DynamicQuantizeLinear",
    "of quantised files, weights through DequantizeLinear, or Cast and Mul, are covered: use the float32 file",
  ],
  [
    "QuantizeLinear",
    "of quantised files, weights through DequantizeLinear, or Cast and Mul, are covered: use the float32 file",
  ],
  [
    "QLinear",
    "of quantised files, weights through DequantizeLinear, or Cast and Mul, are covered: use the float32 file",
  ],
  [
    "MatMulInteger",
    "of quantised files, weights through DequantizeLinear, or Cast and Mul, are covered: use the float32 file",
  ],
  [
    "ConvInteger",
    "of quantised files, weights through DequantizeLinear, or Cast and Mul, are covered: use the float32 file",
  ],
  ["ConvTranspose", "Conv is covered, with dilations and any pads"],
  ["Attention", "attention as MatMul, Softmax and MatMul is covered: export with opset 21 or less"],
  ["LeakyRelu", "activations: Relu, Clip, Gelu, Sigmoid, Tanh, HardSigmoid, HardSwish, and what is made of them"],
  ["PRelu", "activations: Relu, Clip, Gelu, Sigmoid, Tanh, HardSigmoid, HardSwish, and what is made of them"],
  ["Elu", "activations: Relu, Clip, Gelu, Sigmoid, Tanh, HardSigmoid, HardSwish, and what is made of them"],
  ["Lp", "poolings: AveragePool, MaxPool, GlobalAveragePool, GlobalMaxPool"],
  ["Resize", "images keep the size that the model's input has; windows with strides make them smaller"],
  ["Einsum", "products: MatMul, Gemm"],
];

/** For operations of no family: those that begin alike, or all. */
export function nearestForm(op: string): string {
  const [, text] = NEAREST.find(([start]) => op.startsWith(start)) ?? [];
  if (text !== undefined) return text;
  const names = Object.keys(OPERATIONS).filter((name) => /^[A-Z]/.test(name));
  const alike = names.filter((name) => name.slice(0, 4) === op.slice(0, 4));
  return `covered: ${(alike.length > 0 ? alike : names).join(", ")}`;
}

/** Operations that are understood, but run in the Worker only as part of a larger form. */
const FORMS: Readonly<Record<string, string>> = {
  Add: "sums of two values of the same shape, or with constants after a product",
  Conv: "two dimensions, constant weights, and one group, or as many groups as channels and as outputs",
  Gather: "rows of a table by the token ids, together with the rows of their places",
  Gemm: "x · W + b with a constant matrix W",
  MatMul: "x · W with a constant matrix W, or attention: softmax(scale · query · keyᵀ) · value",
  Mul: "products of two values of the same shape, of an image and a number for each channel, or with constants after a product",
  Softmax: "attention: softmax(scale · query · keyᵀ) · value, over the keys",
  activation: "an activation right after a product, a convolution or a sum, whose result nothing else reads",
};

export const nearestRunningForm = (op: string): string =>
  `The nearest form that runs: ${FORMS[op] ?? "products, convolutions, attention, norms, pools and activations after them"}`;
