// The filter that changes the rate of a sound: a sinc under a Kaiser window. It passes up to 0.9 of the lower of both Nyquist frequencies
// (ripple below 0.01 dB), and stops from that frequency on (below −80 dB), so that no alias and no image is heard. The weights are
// computed by additions, multiplications and divisions of float64, which IEEE 754 defines to the last bit: every engine gets the same.
import type { Turns } from "../../core/turns.ts";
import { SOUND_WORK } from "../../core/work.ts";

export interface Filter {
  /** Output sample n is at `n · step / phases` of the input. */
  readonly step: number;
  readonly phases: number;
  /** Weights of a row, a multiple of eight. */
  readonly taps: number;
  /** How many of the input's samples a row begins before the one that the output follows. */
  readonly before: number;
  /**
   * [rows][taps]. Row p is for output p of every `phases`. Where there are too many phases, row p is for the moment p / MOST_ROWS between
   * two samples, and weights are interpolated between the rows.
   */
  readonly weights: Float32Array;
}

/** 11,025 Hz to 16,000 Hz has 640 phases. No pair of common rates has more. */
export const MOST_ROWS = 640;
const LANES = 8;
/** Half of the filter's length, in samples of the lower rate. */
const HALF_LENGTH = 52;
/** The middle of the transition band. */
const CUTOFF = 0.95;
/** Of the Kaiser window: for a stop band of −82 dB. */
const BETA = 8.08;

export const isInterpolated = ({ phases }: Filter): boolean => phases > MOST_ROWS;

/** Samples after the change of rate. */
export const outputsOf = ({ phases, step }: Filter, samples: number): number => Math.ceil((samples * phases) / step);

let last: { readonly from: number; readonly to: number; readonly filter: Filter } | undefined;

/** The filter from one rate to another. The last one is kept: the sounds of a head have the same rate. */
export async function filterFor(from: number, to: number, turns: Turns): Promise<Filter> {
  if (last?.from === from && last.to === to) return last.filter;
  const filter = await makeFilter(from, to, turns);
  last = { from, to, filter };
  return filter;
}

async function makeFilter(from: number, to: number, turns: Turns): Promise<Filter> {
  const common = greatestDivisor(from, to);
  const [phases, step] = [to / common, from / common];
  const width = Math.min(1, to / from);
  const half = Math.ceil(HALF_LENGTH / width);
  const taps = Math.ceil((2 * half) / LANES) * LANES;
  const isExact = phases <= MOST_ROWS;
  const rows = isExact ? phases : MOST_ROWS + 1;
  const weights = new Float32Array(rows * taps);
  for (let row = 0; row < rows; row++) {
    const fraction = isExact ? ((row * step) % phases) / phases : row / MOST_ROWS;
    weights.set(weightsAt(fraction, half, width), row * taps);
    await turns.spend(taps * SOUND_WORK.perWeight);
  }
  return { phases, step, taps, before: half - 1, weights };
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** Weights for a moment that is `fraction` of a sample after the one at place half − 1. Their sum is 1. */
function weightsAt(fraction: number, half: number, width: number): Float64Array {
  const weights = new Float64Array(2 * half);
  const turn = CUTOFF * width;
  const [sine, cosine] = [sineOfTurns(turn), sineOfTurns(turn + 0.5)];
  let distance = 1 - half - fraction;
  let [sin, cos] = [sineOfTurns(turn * distance), sineOfTurns(turn * distance + 0.5)];
  let sum = 0;
  for (let place = 0; place < weights.length; place++, distance++) {
    const sinc = distance === 0 ? Math.PI * turn : sin / distance;
    const weight = sinc * windowAt((distance * width) / HALF_LENGTH);
    weights[place] = weight;
    sum += weight;
    [sin, cos] = [sin * cosine + cos * sine, cos * cosine - sin * sine];
  }
  return weights.map((weight) => weight / sum);
}

/** sin(πx), by its series around the nearest whole number. */
function sineOfTurns(x: number): number {
  const whole = Math.round(x);
  const angle = Math.PI * (x - whole);
  const square = angle * angle;
  let sum = 1;
  for (let n = 21; n > 1; n -= 2) sum = 1 - (sum * square) / (n * (n - 1));
  return whole % 2 === 0 ? sum * angle : -sum * angle;
}

const WINDOW_STEPS = 2_048;
let windowTable: Float64Array | undefined;

/** I₀(β √(1 − u²)); 0 outside of −1 to 1. Between the steps of a table it is linear: the error is below −120 dB. */
function windowAt(u: number): number {
  const height = 1 - u * u;
  if (height <= 0) return 0;
  windowTable ??= Float64Array.from({ length: WINDOW_STEPS + 2 }, (_, step) => bessel(step / WINDOW_STEPS));
  const step = Math.floor(height * WINDOW_STEPS);
  const [low, high] = [windowTable[step] as number, windowTable[step + 1] as number];
  return low + (high - low) * (height * WINDOW_STEPS - step);
}

/** I₀(β √height) = Σ (β² · height / 4)ⁿ / n!², from the last term on. */
function bessel(height: number): number {
  const square = (BETA * BETA * height) / 4;
  let sum = 1;
  for (let n = 26; n > 0; n--) sum = 1 + (sum * square) / (n * n);
  return sum;
}
