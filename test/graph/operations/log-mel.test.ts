// log-mel: compared with a transform by its definition.
import { describe, expect, it } from "vitest";
import { WORK } from "../../../src/core/work.ts";
import { describeOperation, type OperationSample } from "../../suites/operation.suite.ts";
import { normals, seededRandom } from "../../support/random.ts";
import { type Case, type GivenWeight, runOperation } from "../../support/run-operation.ts";

const BATCH = 3;
const [LENGTH, HOP, FFT, BANDS, OFFSET] = [25, 10, 32, 6, 0.001];
const BINS = FFT / 2 + 1;

const weightOf = (shape: readonly number[], seed: number): GivenWeight => ({
  format: "f32",
  shape,
  values: normals(
    seededRandom(seed),
    shape.reduce((count, size) => count * size, 1),
  ).map(Math.abs),
});

function caseOf(samples: number, batch = BATCH): Case<"log-mel"> {
  return {
    op: "log-mel",
    attributes: { frameLength: LENGTH, hopLength: HOP, fftLength: FFT, offset: OFFSET },
    batch,
    lengths: [],
    inputs: [{ shape: ["batch", samples], values: normals(seededRandom(samples), batch * samples, 0.3) }],
    weights: { window: weightOf([LENGTH], 1), mel: weightOf([BINS, BANDS], 2) },
  };
}

function magnitude(frame: readonly number[], bin: number): number {
  const angle = (at: number): number => (2 * Math.PI * bin * at) / FFT;
  const re = frame.reduce((sum, value, at) => sum + value * Math.cos(angle(at)), 0);
  const im = frame.reduce((sum, value, at) => sum - value * Math.sin(angle(at)), 0);
  return Math.hypot(re, im);
}

function sampleOf(samples: number): OperationSample<"log-mel"> {
  const given = caseOf(samples);
  const frames = Math.floor((samples - LENGTH) / HOP) + 1;
  const [x, window, mel] = [given.inputs[0]?.values ?? [], given.weights.window?.values, given.weights.mel?.values];
  const expected = () =>
    Array.from({ length: BATCH * frames }, (_, at) => {
      const first = Math.floor(at / frames) * samples + (at % frames) * HOP;
      const frame = Array.from({ length: LENGTH }, (_, i) => (x[first + i] as number) * (window?.[i] as number));
      const sizes = Array.from({ length: BINS }, (_, bin) => magnitude(frame, bin));
      return Array.from({ length: BANDS }, (_, band) =>
        Math.log(sizes.reduce((sum, size, bin) => sum + size * (mel?.[bin * BANDS + band] as number), OFFSET)),
      );
    }).flat();
  return { ...given, title: `${frames} frames`, tolerance: 2e-6, shape: ["batch", frames, BANDS, 1], expected };
}

/** The transform in steps of 1 / 127, after `BEFORE` zeros: what a frame's place in it is, its rounding errors tell. */
const BEFORE = 3;
const DFT: GivenWeight = {
  format: "int8-panels",
  shape: [LENGTH, 2 * BINS],
  values: Float32Array.from({ length: LENGTH * 2 * BINS }, (_, at) => {
    const [tap, part] = [Math.floor(at / (2 * BINS)) + BEFORE, at % (2 * BINS)];
    const angle = (2 * Math.PI * (part % BINS) * tap) / FFT;
    return Math.round(127 * (part < BINS ? Math.cos(angle) : Math.sin(angle))) / 127;
  }),
};

/** To 256 steps from the least to the largest number, or to zero. */
function rounded(values: readonly number[]): number[] {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const unit = (most - least) / 255;
  const zero = Math.round(-128 - least / unit);
  const integer = (value: number): number => Math.max(-128, Math.min(127, Math.round(value / unit) + zero)) - zero;
  return unit === 0 ? [...values] : values.map((value) => integer(value) * unit);
}

function roundedSample(samples: number): OperationSample<"log-mel"> {
  const plain = caseOf(samples);
  const given = { ...plain, weights: { ...plain.weights, dft: DFT } };
  const frames = Math.floor((samples - LENGTH) / HOP) + 1;
  const [x, window, mel] = [given.inputs[0]?.values ?? [], plain.weights.window?.values, plain.weights.mel?.values];
  const expected = () =>
    Array.from({ length: BATCH * frames }, (_, at) => {
      const first = Math.floor(at / frames) * samples + (at % frames) * HOP;
      const frame = rounded(
        Array.from({ length: LENGTH }, (_, i) => (x[first + i] as number) * (window?.[i] as number)),
      );
      const part = (index: number): number =>
        frame.reduce((sum, value, tap) => sum + value * (DFT.values[tap * 2 * BINS + index] as number), 0);
      const sizes = rounded(Array.from({ length: BINS }, (_, bin) => Math.hypot(part(bin), part(BINS + bin))));
      return Array.from({ length: BANDS }, (_, band) =>
        Math.log(sizes.reduce((sum, size, bin) => sum + size * (mel?.[bin * BANDS + band] as number), OFFSET)),
      );
    }).flat();
  return { ...given, title: `${frames} rounded frames`, tolerance: 2e-6, shape: ["batch", frames, BANDS, 1], expected };
}

const GIVEN = caseOf(100);
const ROUNDED = { ...GIVEN, weights: { ...GIVEN.weights, dft: DFT } };
const panels = (shape: readonly number[]): GivenWeight => ({ ...weightOf(shape, 1), format: "int8-panels" });

describeOperation("log-mel", {
  samples: [sampleOf(25), sampleOf(40), sampleOf(155), roundedSample(25), roundedSample(155), roundedSample(2_000)],
  refusals: [
    { ...caseOf(24), says: /24 samples are less than a frame of 25/ },
    { ...GIVEN, attributes: { ...GIVEN.attributes, fftLength: 48 }, says: /48 is not a power of two/ },
    { ...GIVEN, attributes: { ...GIVEN.attributes, fftLength: 16 }, says: /frames of 25 do not fit/ },
    { ...GIVEN, weights: { ...GIVEN.weights, mel: weightOf([16, 6], 1) }, says: /"mel" has 16 rows/ },
    { ...GIVEN, weights: { ...GIVEN.weights, window: weightOf([24], 1) }, says: /"window" is \[24\]/ },
    { ...ROUNDED, weights: { ...ROUNDED.weights, dft: panels([24, 34]) }, says: /"dft" has 24 rows for frames of 25/ },
    { ...ROUNDED, weights: { ...ROUNDED.weights, dft: panels([25, 32]) }, says: /"dft" has 32 columns/ },
  ],
  large: caseOf(100_000, 1),
});

describe("with a matrix of 8 bits", () => {
  it("counts its work in short steps, which together are its cost", () => {
    const { steps, cost } = runOperation({ ...caseOf(300_000, 1), weights: ROUNDED.weights });
    expect(steps.length).toBeGreaterThan(1);
    for (const work of steps) expect(work).toBeLessThan(1.5 * WORK.perGraphStep);
    expect(steps.reduce((sum, work) => sum + work, 0)).toBeCloseTo(cost, -1);
  });

  it.each([GIVEN, ROUNDED])("gives silence the logarithm of the offset, and keeps what is not a number", (given) => {
    const values = new Float32Array(100);
    values[80] = Number.NaN;
    const { output } = runOperation({ ...given, batch: 1, inputs: [{ shape: ["batch", 100], values }] });
    expect([...output.subarray(0, BANDS)]).toEqual(Array(BANDS).fill(Math.fround(Math.log(Math.fround(OFFSET)))));
    expect(output.at(-1)).toBeNaN();
  });
});
