// What a JPEG file says before its first scan: size, components, colours, orientation.
import type { ByteReader } from "./byte-reader.ts";
import { type Orientation, orientationOf } from "./exif.ts";
import { ADOBE, isFrame, JFIF, MARKER, type Segment, segmentFrom } from "./jpeg-markers.ts";
import { unreadable } from "./unreadable.ts";

export interface JpegComponent {
  readonly id: number;
  /** Sampling factors. */
  readonly h: number;
  readonly v: number;
  readonly quantiser: number;
}

/** How components become colours; the numbers are those of assembly/jpeg-rows.ts. */
export const COLOUR = { grey: 0, ycc: 1, rgb: 2, cmyk: 3, ycck: 4 } as const;
export type Colour = (typeof COLOUR)[keyof typeof COLOUR];

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
  readonly isProgressive: boolean;
  /** Whether the first scan has everything, so that rows can be shown while it is read. */
  readonly isOneScan: boolean;
  readonly colour: Colour;
  readonly orientation: Orientation;
}

type Frame = Pick<JpegHeader, "width" | "height" | "components" | "isProgressive">;

interface Hints {
  hasJfif: boolean;
  /** How Adobe says that colours are transformed; null: it says nothing. */
  adobe: number | null;
  orientation: Orientation;
}

export function readJpegHeader(file: ByteReader): JpegHeader {
  const hints: Hints = { hasJfif: false, adobe: null, orientation: 1 };
  let frame: Frame | null = null;
  for (let at = 2; ; ) {
    const segment = segmentFrom(file, at);
    if (segment.marker === MARKER.end) throw unreadable("the JPEG file has no picture");
    if (isFrame(segment.marker)) frame = readFrame(file, segment, frame);
    if (segment.marker === MARKER.scan) return headerOf(frame, hints, file.u8(segment.start));
    readHints(file, segment, hints);
    at = segment.end;
  }
}

function headerOf(frame: Frame | null, hints: Hints, scanned: number): JpegHeader {
  if (frame === null) throw unreadable("the JPEG file has no frame before its first scan");
  return {
    ...frame,
    isOneScan: !frame.isProgressive && scanned === frame.components.length,
    colour: colourOf(frame.components, hints),
    orientation: hints.orientation,
  };
}

function readHints(file: ByteReader, { marker, start, end }: Segment, hints: Hints): void {
  const begins = (text: string): boolean => end - start >= text.length && file.text(start, text.length) === text;
  if (marker === JFIF && begins("JFIF\0")) hints.hasJfif = true;
  if (marker === ADOBE && begins("Adobe") && end - start >= 12) hints.adobe = file.u8(start + 11);
  if (marker === MARKER.app1 && begins("Exif\0\0")) hints.orientation = orientationOf(file.slice(start, end - start));
}

const KINDS: Readonly<Record<number, string>> = { 195: "lossless", 201: "arithmetic coding", 202: "arithmetic coding" };

function readFrame(file: ByteReader, { marker, start, end }: Segment, before: Frame | null): Frame {
  if (before !== null) throw unreadable("the JPEG file has two frames");
  if (marker > 0xc2) throw unreadable(`this kind of JPEG (${KINDS[marker] ?? "hierarchical"}) is not supported`);
  const [bits, height, width, count] = [file.u8(start), file.u16(start + 1), file.u16(start + 3), file.u8(start + 5)];
  if (bits !== 8) throw unreadable(`JPEG with ${bits} bits a sample is not supported`);
  if (width === 0 || height === 0) throw unreadable("the JPEG file does not tell its size");
  if (![1, 3, 4].includes(count) || end - start < 6 + 3 * count)
    throw unreadable("the frame of the JPEG file is broken");
  const components = Array.from({ length: count }, (_, i) => readComponent(file, start + 6 + 3 * i, count));
  refuseOddSampling(components);
  return { width, height, components, isProgressive: marker === 0xc2 };
}

/** A single component has blocks of its own size, whatever its factors. */
function readComponent(file: ByteReader, at: number, count: number): JpegComponent {
  const [id, factors, quantiser] = [file.u8(at), file.u8(at + 1), file.u8(at + 2)];
  const [h, v] = [factors >> 4, factors & 15];
  if (h < 1 || h > 4 || v < 1 || v > 4 || quantiser > 3) throw unreadable("the frame of the JPEG file is broken");
  return count === 1 ? { id, h: 1, v: 1, quantiser } : { id, h, v, quantiser };
}

function refuseOddSampling(components: readonly JpegComponent[]): void {
  const [across, down] = [Math.max(...components.map(({ h }) => h)), Math.max(...components.map(({ v }) => v))];
  if (components.some(({ h, v }) => across % h !== 0 || down % v !== 0))
    throw unreadable("the sampling factors of the JPEG file are not supported");
  if (new Set(components.map(({ id }) => id)).size < components.length)
    throw unreadable("the frame of the JPEG file is broken");
}

/** Guessed as libjpeg does. */
function colourOf(components: readonly JpegComponent[], { hasJfif, adobe }: Hints): Colour {
  if (components.length === 1) return COLOUR.grey;
  if (components.length === 4) return adobe === null || adobe === 0 ? COLOUR.cmyk : COLOUR.ycck;
  if (hasJfif) return COLOUR.ycc;
  if (adobe !== null) return adobe === 0 ? COLOUR.rgb : COLOUR.ycc;
  return String.fromCharCode(...components.map(({ id }) => id)) === "RGB" ? COLOUR.rgb : COLOUR.ycc;
}
