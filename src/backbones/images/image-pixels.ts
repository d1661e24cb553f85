// From the bytes of a picture file to the pixels that a model takes.
import type { ImagePreprocessing } from "../../contract/bundle/bundle.ts";
import type { Clock } from "../../core/clock.ts";
import { MIB } from "../../core/limits/units.ts";
import { LIMITS } from "../../core/limits.ts";
import { type MemoryBudget, type Reservation, reserveWithin } from "../../core/memory-budget.ts";
import { Fault } from "../../core/problems.ts";
import type { Turns } from "../../core/turns.ts";
import type { Wait } from "../../core/wait-for-request.ts";
import { IMAGE_WORK } from "../../core/work.ts";
import { DecodingTurns } from "./decoding-turn.ts";
import { type Geometry, geometryOf } from "./geometry.ts";
import { borrowImageMemory, type ImageMemory, returnImageMemory } from "./image-memory.ts";
import type { Picture } from "./picture.ts";
import { pictureOf } from "./pictures.ts";
import { type Resampled, samplerOf } from "./sampler.ts";
import { unreadable } from "./unreadable.ts";

export interface ImageTools {
  readonly memory: MemoryBudget;
  readonly turns: Turns;
  readonly now: Clock;
  readonly wait: Wait;
}

const decodings = new DecodingTurns();

/** Float32 [height][width][3], of the size that `preprocessing` says. Throws a `Fault` for a file that cannot be read. */
export async function imagePixels(
  bytes: Uint8Array,
  preprocessing: ImagePreprocessing,
  tools: ImageTools,
): Promise<Float32Array> {
  const picture = pictureOf(bytes);
  refuseTooManyPixels(picture);
  const geometry = geometryOf(picture, preprocessing);
  const turn = await decodings.take(tools.now, tools.wait, LIMITS.imageWaitMs);
  if (turn === null) throw busy();
  const memory = borrowImageMemory();
  try {
    const levels = await levelsOf(picture, geometry, memory, tools, turn.touch);
    const pixels = normalised(levels, preprocessing);
    returnImageMemory(memory);
    return pixels;
  } finally {
    turn.release();
  }
}

const busy = (): Fault =>
  new Fault("overloaded", "The memory for pictures is in use: retry a little later", { retryAfterSeconds: 1 });

function refuseTooManyPixels({ width, height }: Picture): void {
  if (width * height <= LIMITS.imagePixels) return;
  const most = `${LIMITS.imagePixels / 1e6} million pixels`;
  throw unreadable(`it has ${width} × ${height} pixels, and the most is ${most}`);
}

interface Levels {
  readonly bytes: Uint8Array;
  readonly pixelBytes: number;
  readonly rowBytes: number;
  readonly width: number;
  readonly height: number;
}

/** Decodes and resizes, within reserved memory. */
async function levelsOf(
  picture: Picture,
  geometry: Geometry,
  memory: ImageMemory,
  tools: ImageTools,
  touch: () => void,
): Promise<Levels> {
  const arena = memory.arena();
  const sampler = samplerOf(picture.width, geometry, arena);
  const decode = picture.plan(arena);
  refuseTooLarge(arena.total, picture);
  const reservation = await reserve(arena.total, tools, touch);
  try {
    const turns = tools.turns.per(IMAGE_WORK.perTurn).until(stillHere(reservation, touch));
    memory.hold(arena);
    sampler.begin(memory);
    await decode(memory, sampler, turns);
    return levelsIn(memory, await sampler.finish(turns), geometry);
  } finally {
    reservation.release();
  }
}

let asked = 0;

/** A common picture never waits for memory, and trainings then release some. A large one waits for its turn. */
async function reserve(bytes: number, { memory, now, wait }: ImageTools, touch: () => void): Promise<Reservation> {
  if (bytes <= LIMITS.requestMemoryBytes) return memory.take(bytes);
  const isWanted = (): true => {
    touch();
    return true;
  };
  const request = { key: `picture ${asked++}`, bytes, patient: false };
  const reservation = await reserveWithin(memory, request, { now, wait, isWanted }, LIMITS.imageWaitMs);
  if (reservation !== null) return reservation;
  memory.leave(request.key);
  throw busy();
}

/** Is asked at every turn: shows that the decoding goes on. */
const stillHere = (reservation: Reservation, touch: () => void) => (): null => {
  reservation.touch();
  touch();
  return null;
};

function refuseTooLarge(bytes: number, { width, height }: Picture): void {
  if (bytes <= LIMITS.imageDecodingBytes) return;
  const [needed, most] = [Math.ceil(bytes / MIB), LIMITS.imageDecodingBytes / MIB];
  const advice = "store it as baseline JPEG or make it smaller";
  throw unreadable(
    `decoding ${width} × ${height} pixels of its kind takes ${needed} MiB, and the most is ${most} MiB: ${advice}`,
  );
}

function levelsIn(memory: ImageMemory, result: Resampled, { width, height }: Geometry): Levels {
  const { at, pixelBytes, rowBytes } = result;
  const bytes = memory.bytes(at, (width - 1) * pixelBytes + (height - 1) * rowBytes + 3);
  return { bytes, pixelBytes, rowBytes, width, height };
}

function normalised({ bytes, pixelBytes, rowBytes, width, height }: Levels, scale: ImagePreprocessing): Float32Array {
  const values = [0, 1, 2].map((channel) =>
    valuesOf(scale.mean[channel] as number, scale.deviation[channel] as number),
  );
  const [red, green, blue] = values as [Float32Array, Float32Array, Float32Array];
  const pixels = new Float32Array(width * height * 3);
  for (let y = 0, out = 0; y < height; y++)
    for (let x = 0, at = y * rowBytes; x < width; x++, at += pixelBytes) {
      pixels[out++] = red[bytes[at] as number] as number;
      pixels[out++] = green[bytes[at + 1] as number] as number;
      pixels[out++] = blue[bytes[at + 2] as number] as number;
    }
  return pixels;
}

/** The number that each level becomes. */
const valuesOf = (mean: number, deviation: number): Float32Array =>
  Float32Array.from({ length: 256 }, (_, level) => (level - mean) / deviation);
