// The orientation of a picture, from its Exif data (a TIFF directory).
import { ByteReader } from "./byte-reader.ts";

/** As Exif numbers them: 1 is upright; those above 4 swap width and height. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

/** 1 where the data says nothing, or is broken: the picture itself may be whole. `exif` may begin with "Exif" and two zeros. */
export function orientationOf(exif: Uint8Array): Orientation {
  const begins = String.fromCharCode(...exif.subarray(0, 6)) === "Exif\0\0" ? 6 : 0;
  try {
    return orientationIn(new ByteReader(exif.subarray(begins)));
  } catch {
    return 1;
  }
}

function orientationIn(tiff: ByteReader): Orientation {
  const isLittle = tiff.text(0, 2) === "II";
  if (!isLittle && tiff.text(0, 2) !== "MM") return 1;
  const directory = tiff.u32(4, isLittle);
  const entries = tiff.u16(directory, isLittle);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + i * ENTRY_BYTES;
    if (tiff.u16(at, isLittle) !== ORIENTATION) continue;
    const value = tiff.u16(at + 2, isLittle) === SHORT ? tiff.u16(at + 8, isLittle) : 1;
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}
