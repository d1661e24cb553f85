// What a PNG file says of its picture: size, colours, transparency, orientation, and where its data is.
import type { ByteReader } from "./byte-reader.ts";
import { crc32 } from "./crc32.ts";
import { type Orientation, orientationOf } from "./exif.ts";
import { unreadable } from "./unreadable.ts";

/** The numbers of the format. */
export const COLOUR_TYPE = { grey: 0, colour: 2, palette: 3, greyAlpha: 4, colourAlpha: 6 } as const;

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly colourType: number;
  readonly pixelBits: number;
  readonly isInterlaced: boolean;
  /** Three bytes a colour; empty where there is no palette. */
  readonly palette: Uint8Array;
  /** What tRNS says: the opacity of colours of the palette, or a colour that is transparent. */
  readonly transparency: Uint8Array;
  readonly orientation: Orientation;
  /** Compressed data, in pieces. */
  readonly data: readonly Uint8Array[];
}

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

const CHECKED = ["IHDR", "PLTE", "tRNS", "eXIf"];

function* chunksOf(file: ByteReader): Generator<Chunk> {
  for (let at = 8; ; ) {
    const type = file.text(at + 4, 4);
    if (type === "IEND") return;
    const content = file.slice(at + 8, file.u32(at));
    const end = at + 8 + content.length;
    const crc = file.u32(end);
    if (CHECKED.includes(type) && crc !== crc32(file.slice(at + 4, content.length + 4)))
      throw unreadable(`the checksum of the PNG file's ${type} is wrong`);
    yield { type, content };
    at = end + 4;
  }
}

const NOTHING = new Uint8Array(0);

export function readPngHeader(file: ByteReader): PngHeader {
  const found: { [type: string]: Uint8Array } = {};
  const data: Uint8Array[] = [];
  if (file.text(12, 4) !== "IHDR") throw unreadable("the PNG file does not begin with its header");
  for (const { type, content } of chunksOf(file)) {
    if (type === "IDAT") data.push(content);
    else if (CHECKED.includes(type)) found[type] ??= content;
  }
  const { IHDR = NOTHING, PLTE = NOTHING, tRNS = NOTHING, eXIf = NOTHING } = found;
  if (data.length === 0) throw unreadable("the PNG file has no picture");
  return { ...readFormat(file, IHDR, PLTE), transparency: tRNS, orientation: orientationOf(eXIf), data };
}

type Format = Omit<PngHeader, "transparency" | "orientation" | "data">;

function readFormat(file: ByteReader, header: Uint8Array, palette: Uint8Array): Format {
  if (header.length !== 13) throw unreadable("the header of the PNG file is broken");
  const [width, height, depth, colourType] = [file.u32(16), file.u32(20), file.u8(24), file.u8(25)];
  const [compression, filter, interlace] = [file.u8(26), file.u8(27), file.u8(28)];
  const samples = SAMPLES[colourType] ?? 0;
  const isKnown = DEPTHS[colourType]?.includes(depth) && compression === 0 && filter === 0 && interlace < 2;
  if (!isKnown) throw unreadable("this kind of PNG is not known");
  if (width === 0 || height === 0) throw unreadable("the PNG file has no pixels");
  if (colourType === COLOUR_TYPE.palette && (palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768))
    throw unreadable("the palette of the PNG file is broken");
  return { width, height, depth, colourType, palette, pixelBits: samples * depth, isInterlaced: interlace === 1 };
}
