// The change of rate: compared with a filter in float64, by tones, and bit for bit with recorded digests.
import { expect, it } from "vitest";
import { soundSamples } from "../../../src/backbones/sounds/sound-samples.ts";
import { sha256Hex } from "../../../src/core/bytes.ts";
import { Turns } from "../../../src/core/turns.ts";
import { resampledPlainly } from "../../support/plain-resampling.ts";
import { normals, seededRandom } from "../../support/random.ts";
import { residualOf, sizeOfTone } from "../../support/tones.ts";
import { wavOf } from "../../support/wav.ts";

const PAIRS: readonly (readonly [number, number])[] = [
  [44_100, 16_000],
  [48_000, 16_000],
  [8_000, 16_000],
  [11_025, 16_000],
  [22_050, 16_000],
  [32_000, 16_000],
  [96_000, 16_000],
  [12_345, 16_000],
  [44_099, 16_000],
  [16_000, 44_100],
];

const changed = (samples: ArrayLike<number>, from: number, to: number, turns = new Turns()): Promise<Float32Array> =>
  soundSamples(wavOf(samples, { writing: "f32", samplesPerSecond: from }), { samplesPerSecond: to }, turns);

const tone = (hertz: number, rate: number, seconds: number): Float32Array =>
  Float32Array.from({ length: Math.round(rate * seconds) }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / rate));

/** Without the beginning and the end, where the tone starts and stops. */
const middle = (samples: Float32Array): Float32Array => samples.subarray(samples.length / 4, (samples.length * 3) / 4);
const decibels = (ratio: number): number => 20 * Math.log10(ratio);

it.each(PAIRS)("from %i to %i Hz gives the sums of a filter in float64", async (from, to) => {
  const samples = normals(seededRandom(1), 3_001).map((value) => value / 4);
  const actual = await changed(samples, from, to);
  const expected = resampledPlainly(samples, from, to);
  expect(actual.length).toBe(Math.ceil((3_001 * to) / from));
  expect(Math.max(...expected.map((value, at) => Math.abs(value - (actual[at] as number))))).toBeLessThan(1e-5);
});

it.each(PAIRS)(
  "from %i to %i Hz keeps tones up to 0.9 of the lower Nyquist frequency within 0.1 dB",
  async (from, to) => {
    const nyquist = Math.min(from, to) / 2;
    for (const share of [0.01, 0.3, 0.6, 0.8, 0.85, 0.9]) {
      const output = middle(await changed(tone(share * nyquist, from, 0.4), from, to));
      expect(Math.abs(decibels(sizeOfTone(output, (share * nyquist) / to)))).toBeLessThan(0.01);
    }
  },
);

it.each(PAIRS)("from %i to %i Hz adds nothing above −80 dB: no alias, no image, no noise", async (from, to) => {
  const nyquist = Math.min(from, to) / 2;
  for (const share of [0.1, 0.5, 0.9, 0.97]) {
    const output = middle(await changed(tone(share * nyquist, from, 0.4), from, to));
    expect(decibels(residualOf(output, (share * nyquist) / to))).toBeLessThan(-80);
  }
  for (const hertz of [1.003, 1.1, 1.5, 2.2, 5.3].map((share) => share * nyquist).filter((hertz) => hertz < from / 2)) {
    const output = middle(await changed(tone(hertz, from, 0.4), from, to));
    expect(decibels(Math.max(...output.map(Math.abs)))).toBeLessThan(-80);
  }
});

it.each(PAIRS)("from %i to %i Hz keeps a constant level to the last bits", async (from, to) => {
  const output = middle(await changed(new Float32Array(from / 5).fill(0.5), from, to));
  expect(Math.max(...output.map((value) => Math.abs(value - 0.5)))).toBeLessThan(1e-6);
});

it("keeps the place of a sound to less than a hundredth of a sample", async () => {
  const click = new Float32Array(4_410);
  click[2_205] = 1;
  const output = await changed(click, 44_100, 16_000);
  const [first, second] = [799, 801].map((at) => output[at] as number);
  expect(output[800]).toBe(Math.max(...output));
  expect(Math.abs((first as number) - (second as number))).toBeLessThan(1e-7);
});

it("gives a part of a sound the bits that it has in the whole", async () => {
  for (const [from, to] of PAIRS) {
    const samples = normals(seededRandom(2), from * 2);
    const whole = await changed(samples, from, to);
    const part = await changed(samples.subarray(0, from), from, to);
    const edge = Math.ceil(60 * Math.max(1, to / from));
    expect([...part.subarray(0, to - edge)]).toEqual([...whole.subarray(0, to - edge)]);
  }
});

const DIGESTS: Readonly<Record<string, string>> = {
  "44100 → 16000": "b01eccfa1ca7792c",
  "48000 → 16000": "669110adc2d49e82",
  "8000 → 16000": "d5f55d9be47e5f4f",
  "11025 → 16000": "dfdd26621165053a",
  "22050 → 16000": "930281145f540001",
  "32000 → 16000": "d739d909bc063ed9",
  "96000 → 16000": "c954992ceadeb609",
  "12345 → 16000": "924d75ed2f19c539",
  "44099 → 16000": "6409796421377ce5",
  "16000 → 44100": "947a67aa2fbe3976",
};

it.each(PAIRS)("from %i to %i Hz gives the same bits on every machine", async (from, to) => {
  let state = 1;
  const samples = Int16Array.from({ length: 2_000 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 15) - 32_768;
  });
  const file = wavOf(samples, { samplesPerSecond: from, channels: 2 });
  const output = await soundSamples(file, { samplesPerSecond: to }, new Turns());
  const digest = await sha256Hex(new Uint8Array(output.buffer as ArrayBuffer));
  expect([`${from} → ${to}`, digest.slice(0, 16)]).toEqual([`${from} → ${to}`, DIGESTS[`${from} → ${to}`]]);
});

it("takes turns during a long sound, and none for a short one", async () => {
  let turns = 0;
  const counted = (): Turns =>
    new Turns(1, async () => {
      turns++;
    });
  await changed(new Float32Array(8_000), 8_000, 16_000, counted());
  expect(turns).toBe(0);
  await changed(new Float32Array(44_100 * 20), 44_100, 16_000, counted());
  expect(turns).toBeGreaterThan(5);
});

it("runs beside another sound with other rates without mixing them", async () => {
  const samples = normals(seededRandom(3), 100_000);
  const waiting = () => new Turns(1, () => new Promise<void>((resolve) => setTimeout(resolve, 0)));
  const both = await Promise.all([
    changed(samples, 44_100, 16_000, waiting()),
    changed(samples, 48_000, 16_000, waiting()),
    changed(samples, 16_000, 16_000, waiting()),
  ]);
  expect([...both[0]]).toEqual([...(await changed(samples, 44_100, 16_000))]);
  expect([...both[1]]).toEqual([...(await changed(samples, 48_000, 16_000))]);
  expect([...both[2]]).toEqual([...samples]);
});

it("reads a minute of stereo at the largest rates that fit into a file", async () => {
  for (const [rate, writing] of [
    [48_000, "i16"],
    [44_100, "i24"],
  ] as const) {
    const file = wavOf(new Float32Array(rate * 60 * 2), { writing, channels: 2, samplesPerSecond: rate });
    expect((await soundSamples(file, { samplesPerSecond: 16_000 }, new Turns())).length).toBe(960_000);
  }
});
