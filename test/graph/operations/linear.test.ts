// linear: a product, an activation, a residual.
import type { Size, WeightFormat } from "../../../src/contract/bundle/bundle.ts";
import { ACTIVATIONS, type Activation } from "../../../src/contract/bundle/operations.ts";
import { describeOperation, type OperationSample } from "../../suites/operation.suite.ts";
import { ACTIVATION } from "../../support/activations.ts";
import { rowsIn, timesMatrix } from "../../support/plain-operations.ts";
import { normals, seededRandom } from "../../support/random.ts";
import type { Case, GivenWeight } from "../../support/run-operation.ts";

interface Sizes {
  readonly lengths: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
  readonly format: WeightFormat;
  readonly activation: Activation;
  readonly hasResidual: boolean;
}

const one = (values: Float32Array): GivenWeight => ({ format: "f32", shape: [values.length], values });

function caseOf({ lengths, inputs, outputs, format, activation, hasResidual }: Sizes): Case<"linear"> {
  const random = seededRandom(inputs * 31 + outputs);
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const shapeOf = (width: number): Size[] => ["batch", "tokens", width];
  const x = { shape: shapeOf(inputs), values: normals(random, rows * inputs) };
  const residual = { shape: shapeOf(outputs), values: normals(random, rows * outputs) };
  return {
    op: "linear",
    attributes: { activation },
    batch: lengths.length,
    lengths,
    inputs: hasResidual ? [x, residual] : [x],
    weights: {
      weight: { format, shape: [inputs, outputs], values: normals(random, inputs * outputs, 1 / Math.sqrt(inputs)) },
      bias: one(normals(random, outputs)),
      smooth: one(normals(random, inputs).map((value) => 1 + Math.abs(value))),
    },
  };
}

function expectedOf({ attributes, inputs: [x, residual], weights }: Case<"linear">): number[] {
  const [inputs = 0, outputs = 0] = weights.weight?.shape ?? [];
  const matrix = rowsIn(weights.weight?.values ?? [], outputs);
  const beside = residual ? rowsIn(residual.values, outputs) : null;
  return rowsIn(x?.values ?? [], inputs).flatMap((row, at) => {
    const smoothed = row.map((value, channel) => value * (weights.smooth?.values[channel] as number));
    return timesMatrix(smoothed, matrix).map((value, output) => {
      const biased = value + (weights.bias?.values[output] as number);
      return ACTIVATION[attributes.activation](biased) + (beside?.[at]?.[output] ?? 0);
    });
  });
}

function sampleOf(title: string, tolerance: number, sizes: Sizes): OperationSample<"linear"> {
  const given = caseOf(sizes);
  return { ...given, title, tolerance, shape: ["batch", "tokens", sizes.outputs], expected: () => expectedOf(given) };
}

const PLAIN: Sizes = {
  lengths: [3, 1, 5],
  inputs: 37,
  outputs: 19,
  format: "f32-panels",
  activation: "none",
  hasResidual: false,
};
const REFUSED = caseOf(PLAIN);

describeOperation("linear", {
  samples: [
    sampleOf("float32", 1e-6, PLAIN),
    sampleOf("float16", 1e-3, { ...PLAIN, format: "f16-panels" }),
    sampleOf("eight bits", 1e-2, { ...PLAIN, format: "int8-panels" }),
    sampleOf("many rows", 1e-2, { ...PLAIN, format: "int8-panels", lengths: [70, 1, 64, 5], hasResidual: true }),
    ...ACTIVATIONS.map((activation) =>
      sampleOf(`${activation} and a residual`, 2e-6, { ...PLAIN, activation, hasResidual: true }),
    ),
  ],
  refusals: [
    { ...REFUSED, inputs: [{ shape: ["batch", "tokens", 36], values: new Float32Array(0) }], says: /rows of 36/ },
    {
      ...REFUSED,
      weights: { ...REFUSED.weights, bias: one(new Float32Array(20)) },
      says: /"bias" is \[20\], not \[19\]/,
    },
    { ...REFUSED, weights: { ...REFUSED.weights, smooth: one(new Float32Array(3)) }, says: /"smooth" is \[3\]/ },
    { ...REFUSED, inputs: [...REFUSED.inputs, ...REFUSED.inputs], says: /the residual \[batch, tokens, 37\] is not/ },
  ],
  large: caseOf({
    ...PLAIN,
    lengths: [40, 60],
    inputs: 1_024,
    outputs: 2_048,
    format: "int8-panels",
    activation: "gelu",
  }),
});
