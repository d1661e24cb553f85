// The log-mel spectrogram of sounds [batch, samples].
import type { GraphNode } from "../graph.ts";
import { floats, type Tensor } from "../tensor.ts";
import { numberAttribute } from "./attributes.ts";
import { type Facts, factsOf, type Inputs, needed, type OperationSpec } from "./operation.ts";

interface Frames {
  readonly count: number;
  readonly length: number;
  readonly hop: number;
  readonly fft: number;
}

function framesOf(node: GraphNode, samples: number): Frames {
  const length = numberAttribute(node, "frameLength");
  const hop = numberAttribute(node, "hopLength");
  return { count: Math.floor((samples - length) / hop) + 1, length, hop, fft: numberAttribute(node, "fftLength") };
}

export const logMel: OperationSpec = {
  infer(node: GraphNode, inputs: Inputs<Facts>) {
    const [batch = 0, samples] = needed(node, inputs, 0).shape;
    const { count } = framesOf(node, samples as number);
    return [factsOf([batch, 1, count, needed(node, inputs, 2).shape[1] as number])];
  },
  run(node, inputs) {
    const [x, window, mel] = [needed(node, inputs, 0), needed(node, inputs, 1), needed(node, inputs, 2)];
    const dft = inputs[3];
    const [batch = 0, samples = 0] = x.shape;
    const frames = framesOf(node, samples);
    const bands = mel.shape[1] as number;
    const result = new Float32Array(batch * frames.count * bands);
    for (let frame = 0; frame < batch * frames.count; frame++) {
      const first = Math.floor(frame / frames.count) * samples + (frame % frames.count) * frames.hop;
      const framed = Float64Array.from(window.data as Float32Array, (factor, at) =>
        Math.fround((x.data[first + at] as number) * factor),
      );
      const sizes = dft ? roundedMagnitudes(framed, dft) : magnitudes(framed, frames);
      for (let band = 0; band < bands; band++)
        result[frame * bands + band] = Math.log(weighted(sizes, mel, band, bands) + numberAttribute(node, "offset"));
    }
    return [floats([batch, 1, frames.count, bands], result)];
  },
};

function weighted(sizes: Float64Array, mel: Tensor, band: number, bands: number): number {
  let sum = 0;
  for (let bin = 0; bin < sizes.length; bin++) sum += (sizes[bin] as number) * (mel.data[bin * bands + band] as number);
  return sum;
}

/** Of the first half of the frequencies. */
function magnitudes(frame: Float64Array, { fft }: Frames): Float64Array {
  const re = new Float64Array(fft);
  re.set(frame);
  const im = new Float64Array(fft);
  transform(re, im);
  return Float64Array.from({ length: fft / 2 + 1 }, (_, bin) => Math.hypot(re[bin] as number, im[bin] as number));
}

/** With a matrix [frame length, 2 · bins] of 8 bits. What is multiplied is rounded to 8 bits too. */
function roundedMagnitudes(frame: Float64Array, { shape, data }: Tensor): Float64Array {
  const parts = shape[1] as number;
  const sums = new Float64Array(parts);
  rounded(frame).forEach((value, at) => {
    for (let part = 0; part < parts; part++)
      sums[part] = (sums[part] as number) + value * (data[at * parts + part] as number);
  });
  const bins = parts / 2;
  return rounded(
    Float64Array.from({ length: bins }, (_, bin) => Math.hypot(sums[bin] as number, sums[bins + bin] as number)),
  );
}

const STEPS = 255;
const [LOWEST, HIGHEST] = [-128, 127];

/** To 256 steps from the least to the largest number, or to zero: as TensorFlow Lite rounds what meets int8 weights. */
function rounded(values: Float64Array): Float64Array {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const unit = (most - least) / STEPS;
  if (unit === 0) return values;
  const clamped = (integer: number): number => Math.max(LOWEST, Math.min(HIGHEST, integer));
  const zero = clamped(Math.round(LOWEST - least / unit));
  return values.map((value) => (clamped(Math.round(value / unit) + zero) - zero) * unit);
}

/** The discrete Fourier transform in place (Cooley and Tukey). The length is a power of two. */
function transform(re: Float64Array, im: Float64Array): void {
  const count = re.length;
  for (let at = 1, mirrored = 0; at < count; at++) {
    let bit = count >> 1;
    for (; mirrored & bit; bit >>= 1) mirrored ^= bit;
    mirrored ^= bit;
    if (at < mirrored)
      for (const part of [re, im]) [part[at], part[mirrored]] = [part[mirrored] as number, part[at] as number];
  }
  for (let half = 1; half < count; half *= 2)
    for (let start = 0; start < count; start += 2 * half)
      for (let at = start; at < start + half; at++) butterfly(re, im, at, at + half, (-Math.PI * (at - start)) / half);
}

function butterfly(re: Float64Array, im: Float64Array, a: number, b: number, angle: number): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = [re[b] as number, im[b] as number];
  const [turnedX, turnedY] = [x * cos - y * sin, x * sin + y * cos];
  re[b] = (re[a] as number) - turnedX;
  im[b] = (im[a] as number) - turnedY;
  re[a] = (re[a] as number) + turnedX;
  im[a] = (im[a] as number) + turnedY;
}
