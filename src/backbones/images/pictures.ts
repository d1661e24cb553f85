// The kinds of picture files, by their first bytes.
import { ByteReader } from "./byte-reader.ts";
import { jpegPicture } from "./jpeg.ts";
import type { Picture } from "./picture.ts";
import { pngPicture } from "./png.ts";
import { unreadable } from "./unreadable.ts";
import { webpPicture } from "./webp.ts";

interface Format {
  /** Its first bytes, and where they are. */
  readonly begins: readonly (readonly [number, string])[];
  readonly open: (bytes: Uint8Array) => Picture;
}

const FORMATS: readonly Format[] = [
  { begins: [[0, "\xff\xd8\xff"]], open: jpegPicture },
  { begins: [[0, "\x89PNG\r\n\x1a\n"]], open: pngPicture },
  {
    begins: [
      [0, "RIFF"],
      [8, "WEBP"],
    ],
    open: webpPicture,
  },
];

/** Reads the header. Throws a `Fault` for other files. */
export function pictureOf(bytes: Uint8Array): Picture {
  const file = new ByteReader(bytes);
  const has = ([at, text]: readonly [number, string]): boolean =>
    bytes.length >= at + text.length && file.text(at, text.length) === text;
  const format = FORMATS.find(({ begins }) => begins.every(has));
  if (format === undefined) throw unreadable("it is neither JPEG nor PNG nor WebP");
  return format.open(bytes);
}
