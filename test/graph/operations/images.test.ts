// Operations on images [batch, height, width, channels]: conv, depthwise, window-pool, add, multiply.
import { describe } from "vitest";
import type { WeightFormat } from "../../../src/contract/bundle/bundle.ts";
import type { Activation, Window } from "../../../src/contract/bundle/operations.ts";
import { describeOperation, type OperationSample } from "../../suites/operation.suite.ts";
import { ACTIVATION } from "../../support/activations.ts";
import { BATCH, type Extents, given, image, outExtents, overWindows, weightOf } from "../../support/images.ts";
import type { Case, GivenInput } from "../../support/run-operation.ts";

const WINDOW: Window = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] };
const WINDOWS: readonly (readonly [string, Window])[] = [
  ["3 × 3", WINDOW],
  ["3 × 3, stride 2, pads on one side", { ...WINDOW, strides: [2, 2], pads: [0, 0, 1, 1] }],
  ["5 × 1, dilated", { kernel: [5, 1], strides: [1, 2], dilations: [1, 2], pads: [2, 0, 2, 0] }],
  ["2 × 3, dilated", { kernel: [2, 3], strides: [1, 1], dilations: [2, 2], pads: [1, 2, 0, 2] }],
  ["1 × 1", { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] }],
  ["1 × 1, stride 2", { kernel: [1, 1], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0] }],
];
const EXTENTS: Extents = [7, 11, 5];

interface ConvSizes {
  readonly extents: Extents;
  readonly window: Window;
  readonly outputs: number;
  readonly format: WeightFormat;
  readonly activation: Activation;
  readonly hasResidual: boolean;
  readonly batch: number;
}

function convCase({ extents, window, outputs, format, activation, hasResidual, batch }: ConvSizes): Case<"conv"> {
  const depth = window.kernel[0] * window.kernel[1] * extents[2];
  const residual = given(["batch", ...outExtents(extents, window), outputs], 9, batch);
  return {
    op: "conv",
    attributes: { ...window, activation },
    batch,
    lengths: [],
    inputs: hasResidual ? [image(extents, 1, batch), residual] : [image(extents, 1, batch)],
    weights: { weight: weightOf(format, [depth, outputs], 2), bias: weightOf("f32", [outputs], 3) },
  };
}

const CONV: ConvSizes = {
  extents: EXTENTS,
  window: WINDOW,
  outputs: 11,
  format: "f32-panels",
  activation: "none",
  hasResidual: false,
  batch: BATCH,
};

function convSample(title: string, tolerance: number, changed: Partial<ConvSizes>): OperationSample<"conv"> {
  const sizes = { ...CONV, ...changed };
  const { extents, window, outputs } = sizes;
  const made = convCase(sizes);
  const [x, residual] = made.inputs as [GivenInput, GivenInput?];
  const [matrix, bias] = [made.weights.weight?.values ?? [], made.weights.bias?.values ?? []];
  const expected = () => {
    const sums = overWindows(x, extents, window, (places) =>
      Array.from({ length: outputs }, (_, output) =>
        places
          .flatMap((place) => place ?? new Array<number>(extents[2]).fill(0))
          .reduce(
            (sum, value, row) => sum + value * (matrix[row * outputs + output] as number),
            bias[output] as number,
          ),
      ),
    );
    return sums.map((value, at) => ACTIVATION[sizes.activation](value) + (residual?.values[at] ?? 0));
  };
  return { ...made, title, tolerance, shape: ["batch", ...outExtents(extents, window), outputs], expected };
}

const WRONG_WEIGHT = { weight: weightOf("f32-panels", [44, 11], 1) };
const FLAT = given(["batch", 5], 1);

describeOperation("conv", {
  samples: [
    ...WINDOWS.map(([title, window]) => convSample(title, 1e-6, { window })),
    convSample("eight bits", 1e-2, { format: "int8-panels", activation: "relu6" }),
    convSample("a curve and a residual", 1e-6, { activation: "hard-swish", hasResidual: true }),
    convSample("1 × 1 with a residual", 1e-6, { window: (WINDOWS[4] as [string, Window])[1], hasResidual: true }),
    convSample("more positions than a chunk", 1e-2, { format: "int8-panels", extents: [23, 19, 3] }),
  ],
  refusals: [
    { ...convCase(CONV), weights: WRONG_WEIGHT, says: /windows of 45 numbers do not fit a matrix with 44 rows/ },
    { ...convCase(CONV), inputs: [FLAT], says: /\[batch, 5\] is not an image/ },
    {
      ...convCase(CONV),
      attributes: { ...WINDOW, activation: "none", pads: [3, 0, 0, 0] },
      says: /larger than the windows/,
    },
    { ...convCase(CONV), inputs: [image(EXTENTS), image(EXTENTS)], says: /the residual/ },
  ],
  large: convCase({ ...CONV, extents: [40, 40, 64], outputs: 128, format: "int8-panels", batch: 2 }),
});

function depthwiseCase(extents: Extents, window: Window, activation: Activation, batch = BATCH): Case<"depthwise"> {
  const weights = {
    weight: weightOf("f32", [window.kernel[0] * window.kernel[1], extents[2]], 2),
    bias: weightOf("f32", [extents[2]], 3),
  };
  const attributes = { ...window, activation };
  return { op: "depthwise", attributes, batch, lengths: [], inputs: [image(extents, 1, batch)], weights };
}

function depthwiseSample(
  title: string,
  extents: Extents,
  window: Window,
  activation: Activation,
): OperationSample<"depthwise"> {
  const made = depthwiseCase(extents, window, activation);
  const [kernel, bias] = [made.weights.weight?.values ?? [], made.weights.bias?.values ?? []];
  const channels = extents[2];
  const expected = () =>
    overWindows(made.inputs[0] as GivenInput, extents, window, (places) =>
      Array.from({ length: channels }, (_, channel) =>
        places.reduce(
          (sum, place, at) => sum + (place?.[channel] ?? 0) * (kernel[at * channels + channel] as number),
          bias[channel] as number,
        ),
      ),
    ).map(ACTIVATION[activation]);
  const shape = ["batch", ...outExtents(extents, window), channels] as const;
  return { ...made, title, tolerance: 1e-6, shape, expected };
}

describeOperation("depthwise", {
  samples: [
    ...WINDOWS.map(([title, window]) => depthwiseSample(title, EXTENTS, window, "none")),
    depthwiseSample("eight channels, relu6", [9, 13, 8], WINDOW, "relu6"),
    depthwiseSample("a curve", [5, 6, 7], WINDOW, "silu"),
    depthwiseSample("an image smaller than its windows", [1, 2, 4], WINDOW, "none"),
  ],
  refusals: [{ ...depthwiseCase(EXTENTS, WINDOW, "none"), weights: WRONG_WEIGHT, says: /is not \[9, 5\]/ }],
  large: depthwiseCase([60, 60, 128], WINDOW, "relu6", 2),
});

const poolCase = (extents: Extents, window: Window, kind: "mean" | "max", batch = BATCH): Case<"window-pool"> => ({
  op: "window-pool",
  attributes: { ...window, kind },
  batch,
  lengths: [],
  inputs: [image(extents, 1, batch)],
  weights: {},
});

function poolSample(title: string, window: Window, kind: "mean" | "max"): OperationSample<"window-pool"> {
  const made = poolCase(EXTENTS, window, kind);
  const expected = () =>
    overWindows(made.inputs[0] as GivenInput, EXTENTS, window, (places) => {
      const inside = places.filter((place) => place !== null);
      return Array.from({ length: EXTENTS[2] }, (_, channel) => {
        const column = inside.map((place) => place[channel] as number);
        return kind === "max" ? Math.max(...column) : column.reduce((sum, value) => sum + value, 0) / column.length;
      });
    });
  const shape = ["batch", ...outExtents(EXTENTS, window), EXTENTS[2]] as const;
  return { ...made, title: `${kind} of ${title}`, tolerance: 1e-6, shape, expected };
}

describeOperation("window-pool", {
  samples: WINDOWS.flatMap(([title, window]) => [poolSample(title, window, "mean"), poolSample(title, window, "max")]),
  refusals: [{ ...poolCase(EXTENTS, { ...WINDOW, kernel: [12, 1], pads: [0, 0, 0, 0] }, "max"), says: /do not fit/ }],
  large: poolCase([80, 80, 64], WINDOW, "mean", 2),
});

type Elementwise = "add" | "multiply";

function elementwiseCase<Name extends Elementwise>(
  op: Name,
  inputs: readonly GivenInput[],
  activation: Activation = "none",
  batch = BATCH,
): Case<Name> {
  return { op, attributes: { activation }, batch, lengths: [], inputs, weights: {} };
}

function elementwiseSample<Name extends Elementwise>(
  op: Name,
  title: string,
  inputs: readonly [GivenInput, GivenInput],
  activation: Activation,
): OperationSample<Name> {
  const [a, b] = inputs;
  const [perInput, width] = [a.values.length / BATCH, a.shape.at(-1) as number];
  const beside = (at: number): number =>
    b.values[b.shape.length === a.shape.length ? at : Math.floor(at / perInput) * width + (at % width)] as number;
  const expected = () =>
    [...a.values].map((value, at) => ACTIVATION[activation](op === "add" ? value + beside(at) : value * beside(at)));
  return { ...elementwiseCase(op, inputs, activation), title, tolerance: 1e-6, shape: a.shape, expected };
}

describe.each(["add", "multiply"] as const)("%s", (op) => {
  const channels = given(["batch", 5], 4);
  describeOperation(op, {
    samples: [
      elementwiseSample(op, "images", [image(EXTENTS), image(EXTENTS, 2)], "relu"),
      elementwiseSample(op, "rows", [given(["batch", 7], 1), given(["batch", 7], 2)], "none"),
      elementwiseSample(op, "an image and its channels", [image(EXTENTS), channels], "hard-swish"),
    ],
    refusals: [
      { ...elementwiseCase(op, [image(EXTENTS), given(["batch", 6], 1)]), says: /\[batch, 6\] fits neither/ },
      { ...elementwiseCase(op, [channels, image(EXTENTS)]), says: /fits neither/ },
    ],
    large: elementwiseCase(op, [image([90, 90, 512], 1, 2), given(["batch", 512], 2, 2)], "none", 2),
  });
});
