// Writes WAV files, whole and malformed, as tests need them.
import { concatBytes } from "../../src/core/bytes.ts";

export type Writing = "u8" | "i16" | "i24" | "i32" | "f32" | "f64" | "a-law" | "mu-law";

export interface WavOptions {
  readonly writing?: Writing;
  readonly channels?: number;
  readonly samplesPerSecond?: number;
  readonly isExtensible?: boolean;
  /** Chunks between the format and the samples. */
  readonly between?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
  /** What the header says instead of the truth. */
  readonly says?: Partial<Record<"riffBytes" | "dataBytes" | "frameBytes" | "bits" | "tag", number>>;
}

export const FULL_SCALE: Readonly<Record<Writing, number>> = {
  u8: 128,
  i16: 32_768,
  i24: 8_388_608,
  i32: 2_147_483_648,
  f32: 1,
  f64: 1,
  "a-law": 1,
  "mu-law": 1,
};

const KINDS: Readonly<Record<Writing, { readonly tag: number; readonly bits: number }>> = {
  u8: { tag: 1, bits: 8 },
  i16: { tag: 1, bits: 16 },
  i24: { tag: 1, bits: 24 },
  i32: { tag: 1, bits: 32 },
  f32: { tag: 3, bits: 32 },
  f64: { tag: 3, bits: 64 },
  "a-law": { tag: 6, bits: 8 },
  "mu-law": { tag: 7, bits: 8 },
};

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Little-endian numbers: each [bytes, value]. */
function packed(...fields: readonly (readonly [number, number])[]): Uint8Array {
  return concatBytes(
    fields.map(([bytes, value]) => Uint8Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** at) % 256)),
  );
}

/** A byte follows a content of odd length. `says`: what it says about its length. */
export const chunk = (id: string, content: Uint8Array, says = content.length): Uint8Array =>
  concatBytes([latin1(id), packed([4, says]), content, new Uint8Array(content.length % 2)]);

/** `samples`: [frames][channels], as the file stores them: whole numbers, floats, or the bytes of telephony. */
export function wavOf(samples: ArrayLike<number>, options: WavOptions = {}): Uint8Array {
  const { writing = "i16", between = [], after = [], says = {} } = options;
  const data = dataOf(samples, writing);
  const parts = [
    chunk("fmt ", formatOf(options)),
    ...between,
    chunk("data", data, says.dataBytes ?? data.length),
    ...after,
  ];
  const body = concatBytes([latin1("WAVE"), ...parts]);
  return concatBytes([latin1("RIFF"), packed([4, says.riffBytes ?? body.length]), body]);
}

function formatOf({ writing = "i16", channels = 1, samplesPerSecond = 16_000, isExtensible, says = {} }: WavOptions) {
  const { tag, bits } = KINDS[writing];
  const frameBytes = (channels * bits) / 8;
  const [toldTag, toldBits] = [says.tag ?? tag, says.bits ?? bits];
  const plain = packed(
    [2, isExtensible ? 0xfffe : toldTag],
    [2, channels],
    [4, samplesPerSecond],
    [4, samplesPerSecond * frameBytes],
    [2, says.frameBytes ?? frameBytes],
    [2, toldBits],
  );
  if (!isExtensible) return plain;
  const id = latin1("\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
  return concatBytes([plain, packed([2, 22], [2, toldBits], [4, 0], [2, toldTag]), id]);
}

function dataOf(samples: ArrayLike<number>, writing: Writing): Uint8Array {
  const step = KINDS[writing].bits / 8;
  const bytes = new Uint8Array(samples.length * step);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < samples.length; at++) writeSample(view, at * step, samples[at] as number, writing);
  return bytes;
}

function writeSample(view: DataView, at: number, value: number, writing: Writing): void {
  if (writing === "i16") view.setInt16(at, value, true);
  else if (writing === "i32") view.setInt32(at, value, true);
  else if (writing === "f32") view.setFloat32(at, value, true);
  else if (writing === "f64") view.setFloat64(at, value, true);
  else if (writing === "u8") view.setUint8(at, value + 128);
  else view.setUint8(at, value);
  if (writing !== "i24") return;
  view.setUint8(at, value & 255);
  view.setInt16(at + 1, value >> 8, true);
}
