// The segments of a JPEG file (ITU-T T.81, annex B).
import type { ByteReader } from "./byte-reader.ts";
import { unreadable } from "./unreadable.ts";

export const MARKER = {
  dht: 0xc4,
  arithmetic: 0xcc,
  end: 0xd9,
  scan: 0xda,
  dqt: 0xdb,
  interval: 0xdd,
  app1: 0xe1,
} as const;
export const JFIF = 0xe0;
export const ADOBE = 0xee;

export interface Segment {
  readonly marker: number;
  /** Of its content, without marker and length. */
  readonly start: number;
  readonly end: number;
}

const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);

/** The first segment from `at` on. Bytes before its marker are skipped, as libjpeg does. */
export function segmentFrom(file: ByteReader, at: number): Segment {
  let from = at;
  for (;;) {
    while (file.u8(from) !== 0xff) from++;
    while (file.u8(from) === 0xff) from++;
    if (file.u8(from) !== 0) break;
  }
  const marker = file.u8(from++);
  if (isAlone(marker)) return { marker, start: from, end: from };
  const length = file.u16(from);
  if (length < 2) throw unreadable("a segment of the JPEG file has no length");
  file.slice(from, length);
  return { marker, start: from + 2, end: from + length };
}

/** A start of frame: every marker from 0xc0 to 0xcf but three. */
export const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== MARKER.dht && marker !== 0xc8 && marker !== MARKER.arithmetic;
