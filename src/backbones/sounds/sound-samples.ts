// From the bytes of a sound file to the samples that a model takes: one channel, at the model's rate.
import type { AudioPreprocessing } from "../../contract/bundle/bundle.ts";
import type { Turns } from "../../core/turns.ts";
import { SOUND_WORK } from "../../core/work.ts";
import { type Filter, filterFor, isInterpolated, MOST_ROWS, outputsOf } from "./filter.ts";
import { FLOAT_BYTES, type SoundMemory, soundMemory } from "./sound-memory.ts";
import { unreadable } from "./unreadable.ts";
import { readWav, type Sound } from "./wav.ts";

/** Outputs of a chunk, and bytes of the file for it: work that cannot be interrupted, of less than a millisecond. */
const CHUNK_OUTPUTS = 8_192;
const CHUNK_BYTES = 1_048_576;
/** Two sums for each output, and a call of the kernel. */
const INTERPOLATED_SUMS = 3;

/** Samples of −1 to 1, averaged over the channels. Throws a `Fault` for a file that cannot be read. */
export async function soundSamples(
  bytes: Uint8Array,
  { samplesPerSecond }: Pick<AudioPreprocessing, "samplesPerSecond">,
  turns: Turns,
): Promise<Float32Array> {
  const sound = readWav(bytes);
  const own = turns.per(SOUND_WORK.perTurn);
  const isSame = sound.samplesPerSecond === samplesPerSecond;
  const filter = isSame ? null : await filterFor(sound.samplesPerSecond, samplesPerSecond, own);
  const samples = new Float32Array(filter ? outputsOf(filter, sound.frames) : sound.frames);
  const atOnce = chunkOutputs(sound, filter);
  for (let from = 0; from < samples.length; from += atOnce) {
    const count = Math.min(atOnce, samples.length - from);
    const chunk = filter ? filtered(sound, filter, from, count) : read(sound, from, count);
    samples.set(chunk, from);
    await own.spend(workOf(sound, filter, count));
  }
  return samples;
}

const frameBytesOf = ({ channels, encoding }: Sound): number => channels * encoding.bytes;

/** A multiple of the filter's phases, so that every chunk begins with the first. */
function chunkOutputs(sound: Sound, filter: Filter | null): number {
  const [phases, step] = filter ? [filter.phases, filter.step] : [1, 1];
  const most = Math.min(CHUNK_OUTPUTS, (CHUNK_BYTES / frameBytesOf(sound)) * (phases / step));
  const unit = filter && !isInterpolated(filter) ? phases : 1;
  return Math.max(1, Math.floor(most / unit)) * unit;
}

function workOf({ channels }: Sound, filter: Filter | null, outputs: number): number {
  const { phases, step, taps } = filter ?? { phases: 1, step: 1, taps: 0 };
  const samples = (channels * step) / phases;
  const sums = filter && isInterpolated(filter) ? INTERPOLATED_SUMS : 1;
  return outputs * (sums * taps * SOUND_WORK.perMultiplication + samples * SOUND_WORK.perSample);
}

function read(sound: Sound, from: number, count: number): Float32Array {
  const memory = soundMemory();
  const [bytes = 0, out = 0] = memory.hold(null, count * frameBytesOf(sound), count * FLOAT_BYTES);
  readFrames(memory, sound, { from, to: from + count, bytes, out });
  return memory.floats(out, count);
}

interface Frames {
  readonly from: number;
  readonly to: number;
  /** Addresses. */
  readonly bytes: number;
  readonly out: number;
}

function readFrames(memory: SoundMemory, sound: Sound, { from, to, bytes, out }: Frames): void {
  const { encoding, channels, data } = sound;
  const frameBytes = frameBytesOf(sound);
  memory.write(bytes, data.subarray(from * frameBytes, to * frameBytes));
  const wrong = memory.functions.readFrames(bytes, encoding.kernel, channels, to - from, out);
  if (wrong > 0)
    throw unreadable("some of its samples are not numbers, or are far above full scale: send floats of −1 to 1");
}

/** Outputs `from` to `from + count`. What is before and after the sound counts as silence. */
function filtered(sound: Sound, filter: Filter, from: number, count: number): Float32Array {
  const { phases, step, taps, before } = filter;
  const placeOf = (output: number): number => Math.floor((output * step) / phases);
  const first = placeOf(from) - before;
  const length = placeOf(from + count - 1) - before + taps - first;
  const memory = soundMemory();
  const sizes = [length * frameBytesOf(sound), length * FLOAT_BYTES, count * FLOAT_BYTES];
  const [bytes = 0, x = 0, out = 0] = memory.hold(filter, ...sizes);
  const [begin, end] = [Math.max(0, first), Math.min(sound.frames, first + length)];
  memory.floats(x, length).fill(0);
  readFrames(memory, sound, { from: begin, to: end, bytes, out: x + (begin - first) * FLOAT_BYTES });
  const run = isInterpolated(filter) ? runBetweenPhases : runPhases;
  run(memory, filter, { from, count, x, out });
  return memory.floats(out, count);
}

interface Outputs {
  readonly from: number;
  readonly count: number;
  /** Addresses of the first weighted sample of output `from`, and of that output. */
  readonly x: number;
  readonly out: number;
}

/** `from` has the first phase. All outputs of a phase share its weights. */
function runPhases({ functions }: SoundMemory, { phases, step, taps }: Filter, { count, x, out }: Outputs): void {
  for (let phase = 0; phase < Math.min(phases, count); phase++) {
    const place = Math.floor((phase * step) / phases);
    const own = Math.ceil((count - phase) / phases);
    const weights = phase * taps * FLOAT_BYTES;
    functions.filterAt(x + place * FLOAT_BYTES, weights, taps, out + phase * FLOAT_BYTES, own, step, phases);
  }
}

/** Each output has weights between those of two rows. */
function runBetweenPhases({ functions }: SoundMemory, { phases, step, taps }: Filter, outputs: Outputs): void {
  const { from, count, x, out } = outputs;
  const first = Math.floor((from * step) / phases);
  for (let i = 0; i < count; i++) {
    const moment = (from + i) * step;
    const place = Math.floor(moment / phases) - first;
    const row = ((moment % phases) / phases) * MOST_ROWS;
    const weights = Math.floor(row) * taps * FLOAT_BYTES;
    functions.filterBetween(x + place * FLOAT_BYTES, weights, taps, row % 1, out + i * FLOAT_BYTES);
  }
}
