// log-mel: compared with a transform by its definition.
import { describeOperation, type OperationSample } from "../../suites/operation.suite.ts";
import { normals, seededRandom } from "../../support/random.ts";
import type { Case, GivenWeight } from "../../support/run-operation.ts";

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

const GIVEN = caseOf(100);

describeOperation("log-mel", {
  samples: [sampleOf(25), sampleOf(40), sampleOf(155)],
  refusals: [
    { ...caseOf(24), says: /24 samples are less than a frame of 25/ },
    { ...GIVEN, attributes: { ...GIVEN.attributes, fftLength: 48 }, says: /48 is not a power of two/ },
    { ...GIVEN, attributes: { ...GIVEN.attributes, fftLength: 16 }, says: /frames of 25 do not fit/ },
    { ...GIVEN, weights: { ...GIVEN.weights, mel: weightOf([16, 6], 1) }, says: /"mel" has 16 rows/ },
    { ...GIVEN, weights: { ...GIVEN.weights, window: weightOf([24], 1) }, says: /"window" is \[24\]/ },
  ],
  large: caseOf(100_000, 1),
});
