// The header of a WAV file. The file is untrusted: every field is checked against the length of the file.
import { LIMITS } from "../../core/limits.ts";
import type { Fault } from "../../core/problems.ts";
import { type Encoding, encodingOf } from "./encodings.ts";
import { unreadable } from "./unreadable.ts";

export interface Sound {
  readonly encoding: Encoding;
  readonly channels: number;
  readonly samplesPerSecond: number;
  /** Samples of each channel. */
  readonly frames: number;
  /** [frames][channels] samples, and perhaps a part of a frame. */
  readonly data: Uint8Array;
}

const RIFF_BYTES = 12;
const CHUNK_BYTES = 8;
/** Writers that cannot go back to the header leave a size near the largest, with or without a sign. */
const UNKNOWN_SIZES: readonly (readonly [number, number])[] = [
  [0x7fff_f000, 0x7fff_ffff],
  [0xffff_f000, 0xffff_ffff],
];

export function readWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  refuseOtherFiles(view);
  let format: Format | null = null;
  for (let at = RIFF_BYTES, parts = 0; at + CHUNK_BYTES <= bytes.length; parts++) {
    if (parts === LIMITS.soundParts) throw unreadable(`it has more than ${parts} parts: send plain WAV without them`);
    const [id, size] = [textAt(view, at), view.getUint32(at + 4, true)];
    const begin = at + CHUNK_BYTES;
    if (id === "data") return soundOf(format, bytes.subarray(begin, endOfData(view, begin, size)));
    if (begin + size > bytes.length)
      throw truncated(`its part "${printable(id)}" says ${size} bytes`, bytes.length - begin);
    if (id === "fmt ") format = formatIn(new DataView(view.buffer, view.byteOffset + begin, size));
    at = begin + size + (size % 2); // a byte follows odd sizes
  }
  throw unreadable("it ends before its samples: send the whole file");
}

function refuseOtherFiles(view: DataView): void {
  const [begins, form] = view.byteLength < RIFF_BYTES ? ["", ""] : [textAt(view, 0), textAt(view, 8)];
  if (begins === "RIFF" && form === "WAVE") return;
  if (begins === "RF64" || begins === "BW64" || begins === "RIFX")
    throw unreadable(`it is ${begins}, a variant of WAV that is not covered: send a WAV file that begins with RIFF`);
  throw unreadable("it is no WAV file: convert it, for example with ffmpeg -i FILE sound.wav");
}

const textAt = (view: DataView, at: number): string =>
  String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4));

const printable = (id: string): string => id.replaceAll(/[^ -~]/g, "?");

const truncated = (says: string, bytes: number): Fault =>
  unreadable(`${says}, and ${bytes} are there: send the whole file`);

/** Where the samples end. A streamed file does not say how many there are: then they go on to the end of the file. */
function endOfData(view: DataView, begin: number, size: number): number {
  const isStreamed = isUnknown(size) || (size === 0 && wasNeverFinished(view, begin));
  if (isStreamed) return view.byteLength;
  if (begin + size > view.byteLength)
    throw truncated(`its header says ${size} bytes of samples`, view.byteLength - begin);
  return begin + size;
}

const isUnknown = (size: number): boolean => UNKNOWN_SIZES.some(([least, most]) => size >= least && size <= most);

/** Whether the file's own size does not reach beyond the header either. */
function wasNeverFinished(view: DataView, begin: number): boolean {
  const size = view.getUint32(4, true);
  return isUnknown(size) || size + CHUNK_BYTES <= begin;
}

interface Format {
  readonly encoding: Encoding;
  readonly channels: number;
  readonly samplesPerSecond: number;
}

const FORMAT_BYTES = 16;
const EXTENSIBLE = 0xfffe;
const EXTENSIBLE_BYTES = 40;
/** What follows the tag in the id of a sub-format that has one. */
const TAGGED = [0x0000, 0x0000, 0x0010, 0x0080, 0xaa00, 0x3800, 0x719b];

function formatIn(view: DataView): Format {
  if (view.byteLength < FORMAT_BYTES)
    throw unreadable(`its format has ${view.byteLength} bytes, and must have ${FORMAT_BYTES}`);
  const word = (at: number): number => view.getUint16(at, true);
  const [channels, samplesPerSecond, frameBytes] = [word(2), view.getUint32(4, true), word(12)];
  refuseOutside(channels, samplesPerSecond);
  const encoding = encodingOf(tagIn(view), word(14));
  if (frameBytes !== channels * encoding.bytes)
    throw unreadable(
      `its header says ${frameBytes} bytes for the samples of one moment, but ${channels} channels of ${encoding.bytes} bytes have ${channels * encoding.bytes}`,
    );
  return { encoding, channels, samplesPerSecond };
}

function tagIn(view: DataView): number {
  const tag = view.getUint16(0, true);
  if (tag !== EXTENSIBLE) return tag;
  const isWhole = view.byteLength >= EXTENSIBLE_BYTES;
  if (!isWhole || TAGGED.some((word, at) => view.getUint16(26 + 2 * at, true) !== word))
    throw unreadable("the id of its format is unknown: send plain WAV with integers or floats");
  return view.getUint16(24, true);
}

function refuseOutside(channels: number, samplesPerSecond: number): void {
  const { soundChannels, leastSamplesPerSecond: least, mostSamplesPerSecond: most } = LIMITS;
  if (channels < 1 || channels > soundChannels)
    throw unreadable(`it has ${channels} channels: send 1 to ${soundChannels}, which are averaged`);
  if (samplesPerSecond < least || samplesPerSecond > most)
    throw unreadable(`it has ${samplesPerSecond} samples a second: send ${least} to ${most}`);
}

function soundOf(format: Format | null, data: Uint8Array): Sound {
  if (format === null) throw unreadable("its samples come before their format: send a WAV file with the format first");
  const { encoding, channels, samplesPerSecond } = format;
  const frames = Math.floor(data.length / (channels * encoding.bytes));
  if (frames === 0) throw unreadable("it has no samples: send a sound that is not empty");
  if (frames > LIMITS.soundSeconds * samplesPerSecond) {
    const seconds = (frames / samplesPerSecond).toFixed(1);
    throw unreadable(`it lasts ${seconds} seconds: send at most ${LIMITS.soundSeconds}, the part that matters`);
  }
  return { ...format, frames, data };
}
