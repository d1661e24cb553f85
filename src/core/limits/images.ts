// Limits of reading pictures, with unit and reason. `LIMITS` includes them.
import { MIB } from "./units.ts";

export const IMAGE_LIMITS = {
  /**
   * Pixels of a picture: phones take 12 to 50 million. Rows are read and shrunk one after another, so this bounds time, not memory: a
   * photo of this size takes about two seconds of CPU time.
   */
  imagePixels: 50_000_000,
  /**
   * Bytes while a picture is decoded: half of an isolate's memory. A baseline JPEG, a PNG or a lossy WebP of any size takes a few MiB.
   * Files that cannot be read row by row take the whole picture: 12 million pixels are 36 MB as progressive JPEG with colours at half
   * the size, and 48 MB as interlaced PNG or lossless WebP.
   */
  imageDecodingBytes: 60 * MIB,
  /** Scans of a progressive JPEG; encoders write about ten. Each goes through the whole picture, however few bytes it has. */
  jpegScans: 64,
  /** Milliseconds that a picture waits for the memory, and for another picture that is being decoded. Then the answer is 503. */
  imageWaitMs: 10_000,
} as const;
