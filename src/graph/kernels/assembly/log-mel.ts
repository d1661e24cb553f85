// Log-mel spectrograms: log(mel · |DFT of windowed frames| + offset). Two frames at a time lie in the lanes of float64: loud bins must
// not disturb quiet ones.
//
// Scratch: cosines and sines of the transform [fft / 2][2], its real and imaginary parts [fft][2 frames] each, all float64; then the
// magnitudes of one frame [fft / 2 + 1] and its sums [bands], float32.
import { log } from "../../../tensor/kernels/assembly/loss";

const TAU: f64 = 6.283185307179586;

/** Σ of the Taylor series; x: at most π / 4. */
function sine(x: f64): f64 {
  const s = x * x;
  let sum = 1.0 - s / 272.0;
  sum = 1.0 - sum * s / 210.0;
  sum = 1.0 - sum * s / 156.0;
  sum = 1.0 - sum * s / 110.0;
  sum = 1.0 - sum * s / 72.0;
  sum = 1.0 - sum * s / 42.0;
  sum = 1.0 - sum * s / 20.0;
  sum = 1.0 - sum * s / 6.0;
  return sum * x;
}

function cosine(x: f64): f64 {
  const s = x * x;
  let sum = 1.0 - s / 240.0;
  sum = 1.0 - sum * s / 182.0;
  sum = 1.0 - sum * s / 132.0;
  sum = 1.0 - sum * s / 90.0;
  sum = 1.0 - sum * s / 56.0;
  sum = 1.0 - sum * s / 30.0;
  sum = 1.0 - sum * s / 12.0;
  return 1.0 - sum * s / 2.0;
}

/** Writes the cosines and sines of 2π · k / fft to scratch. fft: a power of two, at least 16. */
export function prepareTransform(scratch: usize, fft: i32): void {
  for (let k = 0; k < fft >> 1; k++, scratch += 16) {
    const isObtuse = k > fft >> 2;
    const acute = isObtuse ? (fft >> 1) - k : k;
    const isSteep = acute > fft >> 3;
    const angle = TAU * <f64>(isSteep ? (fft >> 2) - acute : acute) / <f64>fft;
    const cos = isSteep ? sine(angle) : cosine(angle);
    f64.store(scratch, isObtuse ? -cos : cos);
    f64.store(scratch, isSteep ? cosine(angle) : sine(angle), 8);
  }
}

/** out [to − from][bands], for the frames from `from` to `to` of one sound. Scratch must have been prepared. */
export function logMel(
  samples: usize, window: usize, mel: usize, out: usize, scratch: usize,
  from: i32, to: i32, length: i32, hop: i32, fft: i32, bands: i32, offset: f32,
): void {
  const re = scratch + (<usize>fft << 3), im = re + (<usize>fft << 4), sizes = im + (<usize>fft << 4);
  const outBytes = <usize>bands << 2, bins = (fft >> 1) + 1, sums = sizes + (<usize>bins << 2);
  for (let frame = from; frame < to; frame += 2, out += 2 * outBytes) {
    const hasSecond = frame + 1 < to;
    const first = samples + (<usize>(frame * hop) << 2);
    const second = hasSecond ? first + (<usize>hop << 2) : first;
    readFrames(first, second, window, re, im, length, fft);
    transform(re, im, scratch, fft);
    writeMagnitudes(re, im, sizes, bins);
    writeBands(sizes, mel, sums, out, bins, bands, offset);
    if (!hasSecond) return;
    writeMagnitudes(re + 8, im + 8, sizes, bins);
    writeBands(sizes, mel, sums, out + outBytes, bins, bands, offset);
  }
}

/** Places of the transform's input are in bit-reversed order. */
function readFrames(first: usize, second: usize, window: usize, re: usize, im: usize, length: i32, fft: i32): void {
  const zeros = f64x2.splat(0);
  let mirrored = 0;
  for (let i = 0; i < fft; i++) {
    const at = <usize>mirrored << 4;
    let both = zeros;
    if (i < length) {
      const factor = <f64>f32.load(window + (<usize>i << 2));
      both = f64x2(<f64>f32.load(first + (<usize>i << 2)) * factor, <f64>f32.load(second + (<usize>i << 2)) * factor);
    }
    v128.store(re + at, both);
    v128.store(im + at, zeros);
    let bit = fft >> 1;
    for (; mirrored & bit; bit >>= 1) mirrored ^= bit;
    mirrored ^= bit;
  }
}

/** The discrete Fourier transform in place (Cooley and Tukey 1965). */
function transform(re: usize, im: usize, turns: usize, fft: i32): void {
  for (let half = 1; half < fft; half <<= 1) {
    const step = <usize>(fft / (2 * half)) << 4, apart = <usize>half << 4;
    for (let start = 0; start < fft; start += 2 * half) {
      let a = <usize>start << 4, turn = turns;
      for (const end = a + apart; a < end; a += 16, turn += step) {
        const cos = v128.load64_splat(turn), sin = v128.load64_splat(turn, 8);
        const x = v128.load(re + a + apart), y = v128.load(im + a + apart);
        const turnedX = f64x2.add(f64x2.mul(x, cos), f64x2.mul(y, sin));
        const turnedY = f64x2.sub(f64x2.mul(y, cos), f64x2.mul(x, sin));
        const p = v128.load(re + a), q = v128.load(im + a);
        v128.store(re + a + apart, f64x2.sub(p, turnedX));
        v128.store(im + a + apart, f64x2.sub(q, turnedY));
        v128.store(re + a, f64x2.add(p, turnedX));
        v128.store(im + a, f64x2.add(q, turnedY));
      }
    }
  }
}

/** Of the frame in one lane: `re` and `im` are the addresses of its first parts. */
function writeMagnitudes(re: usize, im: usize, sizes: usize, bins: i32): void {
  for (let bin: usize = 0; bin < <usize>bins; bin++) {
    const x = f64.load(re + (bin << 4)), y = f64.load(im + (bin << 4));
    f32.store(sizes + (bin << 2), <f32>sqrt(x * x + y * y));
  }
}

/** out [bands] = log(mel · magnitudes + offset). mel [bins][bands]; sums [bands]: scratch. */
export function writeBands(sizes: usize, mel: usize, sums: usize, out: usize, bins: i32, bands: i32, offset: f32): void {
  const bandBytes = <usize>bands << 2, wide = bandBytes & ~15;
  memory.fill(sums, 0, bandBytes);
  for (let bin = 0, row = mel; bin < bins; bin++, row += bandBytes) {
    const size = f32.load(sizes + (<usize>bin << 2)), four = f32x4.splat(size);
    let at: usize = 0;
    for (; at < wide; at += 16) v128.store(sums + at, f32x4.add(v128.load(sums + at), f32x4.mul(four, v128.load(row + at))));
    for (; at < bandBytes; at += 4) f32.store(sums + at, f32.load(sums + at) + size * f32.load(row + at));
  }
  for (let at: usize = 0; at < bandBytes; at += 4) {
    const sum = <f64>f32.load(sums + at) + <f64>offset;
    f32.store(out + at, sum == sum ? <f32>log(sum) : NaN);
  }
}
