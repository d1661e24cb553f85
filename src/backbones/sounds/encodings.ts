// How WAV stores a sample: as integers, floats, or the logarithmic bytes of telephony.
import { unreadable } from "./unreadable.ts";

export interface Encoding {
  /** The number that the kernel knows it by. */
  readonly kernel: number;
  readonly bytes: number;
}

const INTEGERS = 1;
const FLOATS = 3;

/** By the format's tag, then by bits. */
const ENCODINGS: Readonly<Record<number, Readonly<Record<number, Encoding>>>> = {
  [INTEGERS]: {
    8: { kernel: 0, bytes: 1 },
    16: { kernel: 1, bytes: 2 },
    24: { kernel: 2, bytes: 3 },
    32: { kernel: 3, bytes: 4 },
  },
  [FLOATS]: { 32: { kernel: 4, bytes: 4 }, 64: { kernel: 5, bytes: 8 } },
  6: { 8: { kernel: 6, bytes: 1 } }, // A-law
  7: { 8: { kernel: 7, bytes: 1 } }, // µ-law
};

const COMPRESSED: Readonly<Record<number, string>> = {
  2: "Microsoft ADPCM",
  17: "IMA ADPCM",
  49: "GSM 6.10",
  80: "MPEG",
  85: "MP3",
  255: "AAC",
};

const WANTED = "send integers of 8, 16, 24 or 32 bits, floats of 32 or 64, A-law or µ-law";

export function encodingOf(tag: number, bits: number): Encoding {
  const widths = ENCODINGS[tag];
  if (!widths)
    throw unreadable(`its samples are ${COMPRESSED[tag] ?? `of format ${tag}`}, which is not covered: ${WANTED}`);
  const encoding = widths[bits];
  if (!encoding)
    throw unreadable(
      `its samples are ${tag === FLOATS ? "floats" : "integers"} of ${bits} bits, not covered: ${WANTED}`,
    );
  return encoding;
}
