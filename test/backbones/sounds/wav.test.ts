// WAV files of all encodings, and files that are malformed on purpose.
import { expect, it } from "vitest";
import { soundSamples } from "../../../src/backbones/sounds/sound-samples.ts";
import { readWav } from "../../../src/backbones/sounds/wav.ts";
import { Fault } from "../../../src/core/problems.ts";
import { Turns } from "../../../src/core/turns.ts";
import { integers, seededRandom } from "../../support/random.ts";
import { chunk, FULL_SCALE, type WavOptions, type Writing, wavOf } from "../../support/wav.ts";

const RATE = 16_000;
const samplesOf = async (bytes: Uint8Array): Promise<readonly number[]> => [
  ...(await soundSamples(bytes, { samplesPerSecond: RATE }, new Turns())),
];

const EXTREMES: Readonly<Record<Writing, readonly number[]>> = {
  u8: [-128, -1, 0, 1, 127],
  i16: [-32_768, -1, 0, 1, 32_767],
  i24: [-8_388_608, -1, 0, 1, 8_388_607],
  i32: [-2_147_483_648, -1, 0, 1, 2_147_483_647],
  f32: [-1, -(2 ** -40), 0, 0.25, 1.5],
  f64: [-1, -(2 ** -40), 0, 0.25, 1.5],
  "a-law": [],
  "mu-law": [],
};
const LINEAR = Object.entries(EXTREMES).filter(([, values]) => values.length > 0) as [Writing, readonly number[]][];

it.each(LINEAR)("reads %s, plain and extensible", async (writing, values) => {
  const expected = values.map((value) => Math.fround(value / FULL_SCALE[writing]));
  for (const isExtensible of [false, true])
    expect(await samplesOf(wavOf(values, { writing, isExtensible }))).toEqual(expected);
});

it("reads the bytes of telephony as ITU-T G.711 lists them", async () => {
  const read = async (codes: readonly number[], writing: Writing) =>
    (await samplesOf(wavOf(codes, { writing }))).map((sample) => sample * 32_768);
  expect(await read([0xd5, 0x55, 0xaa, 0x2a, 0x80, 0x00], "a-law")).toEqual([8, -8, 32_256, -32_256, 5_504, -5_504]);
  expect(await read([0xff, 0x7f, 0x80, 0x00, 0xf0, 0x70], "mu-law")).toEqual([0, 0, 32_124, -32_124, 120, -120]);
});

it.each(LINEAR)("averages the channels of %s", async (writing) => {
  const frames = [4, 8, 12, 0, 0, 0, -4, 4, 6].map((value) => value * (FULL_SCALE[writing] / 128));
  const expected = [8, 0, 2].map((value) => value / 128);
  expect(await samplesOf(wavOf(frames, { writing, channels: 3 }))).toEqual(expected);
});

it("averages as many channels as it accepts", async () => {
  const frame = Array.from({ length: 32 }, (_, channel) => channel * 1_024);
  expect(await samplesOf(wavOf(frame, { channels: 32 }))).toEqual([(15.5 * 1_024) / 32_768]);
});

it("skips parts that it does not know, also those of odd length", async () => {
  const between = [
    chunk("LIST", new Uint8Array(7)),
    chunk("fact", new Uint8Array(4)),
    chunk("\0\x01ab", new Uint8Array(1)),
  ];
  const file = wavOf([1_024, 2_048], { between, after: [chunk("id3 ", new Uint8Array(33))] });
  expect(await samplesOf(file)).toEqual([1 / 32, 1 / 16]);
});

it.each([0xffff_ffff, 0xffff_ffdb, 0x7fff_ffff, 0])(
  "reads a streamed file, whose header says %i bytes, to its end",
  async (size) => {
    const says = { riffBytes: size === 0 ? 36 : size, dataBytes: size };
    expect(await samplesOf(wavOf([1_024, 2_048], { says }))).toEqual([1 / 32, 1 / 16]);
  },
);

it("ignores a part of a frame at the end", () => {
  expect(readWav(wavOf([1, 2, 3, 4, 5], { channels: 2 })).frames).toBe(2);
});

it("reads a file in the middle of a buffer", async () => {
  const file = wavOf([1_024, 2_048]);
  const padded = new Uint8Array(file.length + 11);
  padded.set(file, 5);
  expect(await samplesOf(padded.subarray(5, 5 + file.length))).toEqual([1 / 32, 1 / 16]);
});

function faultOf(bytes: Uint8Array): string {
  try {
    readWav(bytes);
  } catch (error) {
    if (error instanceof Fault && error.data.code === "unreadable_input") return error.message;
    throw error;
  }
  return "none";
}

it("refuses a file that is cut anywhere, in words", () => {
  const file = wavOf([1, 2, 3, 4], { isExtensible: true, between: [chunk("LIST", new Uint8Array(5))] });
  for (let length = 0; length < file.length; length++)
    expect(faultOf(file.subarray(0, length))).toMatch(/^The sound cannot be read: it.*: (send|convert)/);
});

it("reads a file with damaged bytes, or refuses it in words", async () => {
  const random = seededRandom(7);
  const between = [chunk("LIST", new Uint8Array(5))];
  for (let round = 0; round < 2_000; round++) {
    const file = wavOf([1, 2, 3, 4, 5, 6], { between, isExtensible: round % 2 === 0, channels: 1 + (round % 3) });
    const [places, bytes] = [integers(random, 3, file.length), integers(random, 3, 256)];
    for (const [at, place] of places.entries()) file[place] = bytes[at] as number;
    const samples = await samplesOf(file).catch((error: unknown) => {
      if (error instanceof Fault && error.data.code === "unreadable_input") return [];
      throw error;
    });
    expect(samples.every((sample) => Math.abs(sample) <= 16)).toBe(true);
  }
});

const MALFORMED: readonly (readonly [string, WavOptions, RegExp])[] = [
  ["more samples than there are", { says: { dataBytes: 20 } }, /its header says 20 bytes of samples, and 8 are there/],
  ["no channel", { channels: 0, says: { frameBytes: 0 } }, /it has 0 channels: send 1 to 32/],
  ["too many channels", { channels: 33 }, /it has 33 channels/],
  ["no rate", { samplesPerSecond: 0 }, /it has 0 samples a second: send 8000 to 192000/],
  ["a rate of 4 GHz", { samplesPerSecond: 4_294_967_295 }, /4294967295 samples a second/],
  [
    "frames that are too small",
    { channels: 2, says: { frameBytes: 2 } },
    /says 2 bytes .* 2 channels of 2 bytes have 4/,
  ],
  ["frames that are too large", { says: { frameBytes: 4 } }, /says 4 bytes .* 1 channels? of 2 bytes have 2/],
  ["integers of 12 bits", { says: { bits: 12 } }, /integers of 12 bits, not covered: send integers of 8, 16, 24/],
  ["floats of 16 bits", { writing: "f32", says: { bits: 16 } }, /floats of 16 bits, not covered/],
  ["samples of a compressed format", { says: { tag: 17 } }, /IMA ADPCM, which is not covered/],
  ["a format that nobody knows", { says: { tag: 4_660 } }, /of format 4660, which is not covered/],
  [
    "a part that is larger than the file",
    { between: [chunk("LIST", new Uint8Array(4), 4_294_967_290)] },
    /its part "LIST" says 4294967290 bytes/,
  ],
  [
    "a part with an unprintable name",
    { between: [chunk("\0\x07a\xff", new Uint8Array(4), 9_999)] },
    /its part "\?\?a\?" says/,
  ],
];

it.each(MALFORMED)("refuses %s", (_, options, says) => {
  expect(faultOf(wavOf([1, 2, 3, 4], options))).toMatch(says);
});

it("refuses a file without samples, or with samples before their format", () => {
  expect(faultOf(wavOf([]))).toMatch(/no samples/);
  expect(faultOf(wavOf([1], { channels: 2 }))).toMatch(/no samples/);
  const file = wavOf([1, 2]);
  expect(faultOf(Uint8Array.of(...file.subarray(0, 12), ...file.subarray(36)))).toMatch(/come before their format/);
});

it("refuses an empty part of samples before other parts, which is no sign of streaming", () => {
  expect(faultOf(wavOf([], { after: [chunk("LIST", new Uint8Array(40))] }))).toMatch(/no samples/);
});

it("refuses a file of empty parts without going through all of them", () => {
  const between = Array.from({ length: 1_001 }, () => chunk("junk", new Uint8Array(0)));
  expect(faultOf(wavOf([1, 2], { between }))).toMatch(/more than 1000 parts/);
});

it("refuses an unknown sub-format", () => {
  const file = wavOf([1, 2], { isExtensible: true });
  file[50] = 7;
  expect(faultOf(file)).toMatch(/id of its format is unknown/);
});

it.each(["RF64", "BW64", "RIFX"])("names the variant %s that it does not read", (begins) => {
  const file = wavOf([1, 2]);
  file.set([...begins].map((char) => char.charCodeAt(0)));
  expect(faultOf(file)).toMatch(new RegExp(`it is ${begins}, a variant of WAV`));
});

it("refuses more than a minute, whatever the rate", () => {
  const minute = (samplesPerSecond: number, more: number) =>
    readWav(wavOf(new Uint8Array(60 * samplesPerSecond + more), { writing: "mu-law", samplesPerSecond })).frames;
  expect(minute(8_000, 0)).toBe(480_000);
  expect(() => minute(8_000, 1)).toThrow(/it lasts 60.0 seconds: send at most 60/);
  expect(() => minute(44_100, 44_100)).toThrow(/it lasts 61.0 seconds/);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, 17, -32_768])("refuses a float of %d", async (value) => {
  for (const writing of ["f32", "f64"] as const)
    await expect(samplesOf(wavOf([0, value], { writing }))).rejects.toThrow(/not numbers, or are far above full scale/);
});
