// Levels of the resized picture, and the numbers that a model takes.
import type { ImagePreprocessing } from "../../contract/bundle/bundle.ts";

export interface Levels {
  readonly bytes: Uint8Array;
  /** From one pixel to the next in a row, and from one row to the next. A pixel begins with red, green and blue. */
  readonly pixelBytes: number;
  readonly rowBytes: number;
  readonly width: number;
  readonly height: number;
}

/** Float32 [height][width][3]: (level − mean) / deviation. */
export function normalised(levels: Levels, { mean, deviation }: ImagePreprocessing): Float32Array {
  const { bytes, pixelBytes, rowBytes, width, height } = levels;
  const red = valuesOf(mean[0], deviation[0]);
  const green = valuesOf(mean[1], deviation[1]);
  const blue = valuesOf(mean[2], deviation[2]);
  const pixels = new Float32Array(width * height * 3);
  for (let y = 0, out = 0; y < height; y++)
    for (let x = 0, at = y * rowBytes; x < width; x++, at += pixelBytes) {
      pixels[out++] = red[bytes[at] as number] as number;
      pixels[out++] = green[bytes[at + 1] as number] as number;
      pixels[out++] = blue[bytes[at + 2] as number] as number;
    }
  return pixels;
}

/** The number that each level becomes. */
const valuesOf = (mean: number, deviation: number): Float32Array =>
  Float32Array.from({ length: 256 }, (_, level) => (level - mean) / deviation);
