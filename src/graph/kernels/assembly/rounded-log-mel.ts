// What a rounded log-mel spectrogram needs beside the product of its frames: the frames, and the bands of their spectra.
import { writeBands } from "./log-mel";
import { roundRow } from "./quantise";

/** out [count][length] = frames of x times the window. Frame i begins at x[i · hop]. */
export function frameRows(x: usize, window: usize, out: usize, count: i32, length: i32, hop: i32): void {
  const bytes = <usize>length << 2, wide = bytes & ~15;
  for (let frame = 0; frame < count; frame++, x += <usize>hop << 2, out += bytes) {
    let at: usize = 0;
    for (; at < wide; at += 16) v128.store(out + at, f32x4.mul(v128.load(x + at), v128.load(window + at)));
    for (; at < bytes; at += 4) f32.store(out + at, f32.load(x + at) * f32.load(window + at));
  }
}

/**
 * out [rows][bands] = log(mel · magnitudes + offset), the magnitudes of a row rounded to 8 bits. spectra [rows][2 · bins]: the real parts
 * of a row, then the imaginary ones; they are overwritten. scratch [bands]: float32.
 */
export function roundedBands(
  spectra: usize, mel: usize, out: usize, scratch: usize, rows: i32, bins: i32, bands: i32, offset: f32,
): void {
  const bytes = <usize>bins << 2;
  for (let r = 0; r < rows; r++, spectra += bytes << 1, out += <usize>bands << 2) {
    const unit = spectra + bytes;
    for (let at: usize = 0; at < bytes; at += 4) {
      const real = f32.load(spectra + at), imaginary = f32.load(unit + at);
      f32.store(spectra + at, sqrt(real * real + imaginary * imaginary));
    }
    roundRow(spectra, bytes, unit);
    const factor = f32.load(unit);
    for (let at: usize = 0; at < bytes; at += 4) f32.store(spectra + at, f32.load(spectra + at) * factor);
    writeBands(spectra, mel, scratch, out, bins, bands, offset);
  }
}
