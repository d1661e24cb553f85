// Operations on rows: layer-norm, pool, normalise.
import type { Size } from "../../../src/contract/bundle/bundle.ts";
import { POOLINGS, type Pooling } from "../../../src/contract/bundle/operations.ts";
import { describeOperation, type OperationSample } from "../../suites/operation.suite.ts";
import { normalisedRow, rowsIn, sum } from "../../support/plain-operations.ts";
import { normals, seededRandom } from "../../support/random.ts";
import type { Case, GivenInput, GivenWeight } from "../../support/run-operation.ts";

const LENGTHS = [3, 1, 6];
const ROWS = 10;

const rows = (width: number, seed: number, lengths: readonly number[] = LENGTHS): GivenInput => ({
  shape: ["batch", "tokens", width],
  values: normals(seededRandom(seed), lengths.reduce((total, length) => total + length, 0) * width),
});
const one = (width: number, seed: number): GivenWeight => ({
  format: "f32",
  shape: [width],
  values: normals(seededRandom(seed), width),
});
const pixels = (shape: readonly Size[], batch: number): GivenInput => ({
  shape,
  values: normals(
    seededRandom(5),
    shape.reduce<number>((all, size) => all * (typeof size === "number" ? size : 1), batch),
  ),
});

function normCase(width: number, hasResidual: boolean, lengths = LENGTHS): Case<"layer-norm"> {
  return {
    op: "layer-norm",
    attributes: { epsilon: 1e-5 },
    batch: lengths.length,
    lengths,
    inputs: hasResidual ? [rows(width, 1, lengths), rows(width, 2, lengths)] : [rows(width, 1, lengths)],
    weights: { gamma: one(width, 3), beta: one(width, 4) },
  };
}

function normSample(width: number, hasResidual: boolean): OperationSample<"layer-norm"> {
  const given = normCase(width, hasResidual);
  const [x, residual] = given.inputs.map(({ values }) => rowsIn(values, width));
  const [gamma, beta] = [given.weights.gamma?.values ?? [], given.weights.beta?.values ?? []];
  const expected = () =>
    (x ?? []).flatMap((row, at) =>
      normalisedRow(
        row.map((value, channel) => value + (residual?.[at]?.[channel] ?? 0)),
        gamma,
        beta,
        1e-5,
      ),
    );
  const title = `${width} channels${hasResidual ? " and a residual" : ""}`;
  return { ...given, title, tolerance: 2e-6, shape: ["batch", "tokens", width], expected };
}

const NARROW = normCase(8, false);

describeOperation("layer-norm", {
  samples: [normSample(4, false), normSample(36, true), normSample(384, true)],
  refusals: [
    { ...NARROW, inputs: [rows(6, 1)], says: /must be a multiple of 4/ },
    { ...NARROW, weights: { gamma: one(8, 1), beta: one(12, 1) }, says: /"beta" is \[12\], not \[8\]/ },
    { ...NARROW, inputs: [rows(8, 1), rows(12, 1)], says: /the residual/ },
  ],
  large: normCase(4_096, true, [300, 300]),
});

const POOLED: Readonly<Record<Pooling, (column: readonly number[]) => readonly number[]>> = {
  mean: (column) => [sum([...column]) / column.length],
  max: (column) => [Math.max(...column)],
  "mean-max": (column) => [sum([...column]) / column.length, Math.max(...column)],
  first: (column) => column.slice(0, 1),
  last: (column) => column.slice(-1),
};

/** The columns of each input. */
const columnsOf = (values: ArrayLike<number>, width: number, lengths: readonly number[]): number[][][] => {
  const all = rowsIn(values, width);
  let at = 0;
  return lengths.map((length) => {
    const own = all.slice(at, at + length);
    at += length;
    return Array.from({ length: width }, (_, channel) => own.map((row) => row[channel] as number));
  });
};

function poolSample(
  kind: Pooling,
  input: GivenInput,
  lengths: readonly number[],
  width: number,
): OperationSample<"pool"> {
  const isText = input.shape[1] === "tokens";
  const expected = () =>
    columnsOf(input.values, width, lengths).flatMap((columns) => {
      const pooled = columns.map(POOLED[kind]);
      return [...pooled.map(([first]) => first as number), ...pooled.flatMap((parts) => parts.slice(1))];
    });
  return {
    op: "pool",
    attributes: { kind },
    batch: lengths.length,
    lengths: isText ? lengths : [],
    inputs: [input],
    weights: {},
    title: `${kind} of ${isText ? "tokens" : "positions"}, ${width} channels`,
    tolerance: 1e-6,
    shape: ["batch", kind === "mean-max" ? 2 * width : width],
    expected,
  };
}

const MANY = [400, 400, 400];
const TEXT = poolSample("mean", rows(8, 1), LENGTHS, 8);

describeOperation("pool", {
  samples: [
    ...POOLINGS.map((kind) => poolSample(kind, rows(13, 7), LENGTHS, 13)),
    ...POOLINGS.map((kind) => poolSample(kind, pixels(["batch", 3, 2, 8], 2), [6, 6], 8)),
  ],
  refusals: [{ ...TEXT, inputs: [{ shape: ["batch", "tokens"], values: new Int32Array(ROWS) }], says: /ids/ }],
  large: { ...TEXT, inputs: [rows(1_024, 1, MANY)], lengths: MANY },
});

function unitSample(width: number): OperationSample<"normalise"> {
  const input = { shape: ["batch", width] as Size[], values: normals(seededRandom(3), 3 * width) };
  input.values.fill(0, 0, width);
  const expected = () =>
    rowsIn(input.values, width).flatMap((row) => {
      const norm = Math.max(Math.hypot(...row), 1e-12);
      return row.map((value) => value / norm);
    });
  return {
    op: "normalise",
    attributes: { epsilon: 1e-12 },
    batch: 3,
    lengths: [],
    inputs: [input],
    weights: {},
    title: `${width} numbers, one row of zeros`,
    tolerance: 1e-6,
    shape: input.shape,
    expected,
  };
}

describeOperation("normalise", {
  samples: [unitSample(1), unitSample(7), unitSample(384)],
  refusals: [],
  large: { ...unitSample(64), batch: 2_000, inputs: [pixels(["batch", 4_096], 2_000)] },
});
