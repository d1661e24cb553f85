// What a WebP file says of its picture: the canvas, the first frame and where its data is (RFC 9649, section 2).
import type { ByteReader } from "./byte-reader.ts";
import { type Orientation, orientationOf } from "./exif.ts";
import { unreadable } from "./unreadable.ts";

/** A part of the file. */
export interface Span {
  readonly at: number;
  readonly length: number;
}

export interface WebpHeader {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Where the first frame is on the canvas. */
  readonly x: number;
  readonly y: number;
  readonly frame: WebpFrame;
}

export interface WebpFrame {
  readonly width: number;
  readonly height: number;
  readonly isLossless: boolean;
  readonly data: Span;
  /** Of a lossless frame: whether its pixels have opacity. */
  readonly hasOpacity: boolean;
  /** Opacity of a lossy frame; null: it is opaque. */
  readonly opacity: Span | null;
}

interface Chunk extends Span {
  readonly type: string;
}

function* chunksIn(file: ByteReader, { at, length }: Span): Generator<Chunk> {
  const end = at + length;
  for (let from = at; from + 8 <= end; ) {
    const [type, size] = [file.text(from, 4), file.u32(from + 4, true)];
    file.slice(from + 8, size);
    yield { type, at: from + 8, length: size };
    from += 8 + size + (size % 2);
  }
}

export function readWebpHeader(file: ByteReader): WebpHeader {
  const end = file.u32(4, true) + 8;
  if (end > file.length) throw unreadable("the WebP file is truncated");
  const chunks = [...chunksIn(file, { at: 12, length: end - 12 })];
  const [first] = chunks;
  if (first?.type !== "VP8X") {
    const frame = readFrame(file, chunks);
    return { width: frame.width, height: frame.height, orientation: 1, x: 0, y: 0, frame };
  }
  file.slice(first.at, 10);
  const [width, height] = [file.u24(first.at + 4) + 1, file.u24(first.at + 7) + 1];
  const exif = chunks.find(({ type }) => type === "EXIF");
  const orientation = exif ? orientationOf(file.slice(exif.at, exif.length)) : 1;
  const placed = placedFrame(file, chunks);
  if (placed.x + placed.frame.width > width || placed.y + placed.frame.height > height)
    throw unreadable("the frame of the WebP file is larger than its picture");
  return { width, height, orientation, ...placed };
}

type Placed = Pick<WebpHeader, "x" | "y" | "frame">;

const FRAME_HEADER_BYTES = 16;

/** The picture, or the first frame of an animation. */
function placedFrame(file: ByteReader, chunks: readonly Chunk[]): Placed {
  const animated = chunks.find(({ type }) => type === "ANMF");
  if (animated === undefined) return { x: 0, y: 0, frame: readFrame(file, chunks) };
  const { at, length } = animated;
  const content = { at: at + FRAME_HEADER_BYTES, length: length - FRAME_HEADER_BYTES };
  const frame = readFrame(file, [...chunksIn(file, content)]);
  return { x: file.u24(at) * 2, y: file.u24(at + 3) * 2, frame };
}

function readFrame(file: ByteReader, chunks: readonly Chunk[]): WebpFrame {
  const image = chunks.find(({ type }) => type === "VP8 " || type === "VP8L");
  if (image === undefined) throw unreadable("the WebP file has no picture");
  const { at, length } = image;
  file.slice(at, 10); // the shortest header of both kinds, with data behind it
  if (image.type === "VP8L") return readLossless(file, { at, length });
  return readLossy(file, { at, length }, chunks.find(({ type }) => type === "ALPH") ?? null);
}

function readLossless(file: ByteReader, data: Span): WebpFrame {
  const bits = file.u32(data.at + 1, true);
  if (file.u8(data.at) !== 0x2f || bits >>> 29 !== 0)
    throw unreadable("the header of the lossless WebP file is broken");
  const [width, height] = [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
  return { width, height, isLossless: true, data, hasOpacity: ((bits >> 28) & 1) === 1, opacity: null };
}

function readLossy(file: ByteReader, data: Span, opacity: Span | null): WebpFrame {
  const tag = file.u24(data.at);
  const isKeyFrame = (tag & 1) === 0 && ((tag >> 1) & 7) <= 3 && ((tag >> 4) & 1) === 1;
  const hasStart = file.u24(data.at + 3) === 0x2a019d;
  const [width, height] = [file.u16(data.at + 6, true) & 0x3fff, file.u16(data.at + 8, true) & 0x3fff];
  if (!isKeyFrame || !hasStart || width === 0 || height === 0)
    throw unreadable("the header of the WebP file is broken");
  return { width, height, isLossless: false, data, hasOpacity: false, opacity };
}
