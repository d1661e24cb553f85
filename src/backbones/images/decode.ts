// Decodes a picture into the smaller one that a model sees, within reserved memory.
import type { ImagePreprocessing } from "../../contract/bundle/bundle.ts";
import type { Reservation } from "../../core/memory-budget.ts";
import { IMAGE_WORK } from "../../core/work.ts";
import type { Geometry } from "./geometry.ts";
import { type ImageTools, refuseTooLarge, reserve } from "./image-ceilings.ts";
import { borrowImageMemory, type ImageMemory, returnImageMemory } from "./image-memory.ts";
import { type Levels, normalised } from "./levels.ts";
import type { Picture } from "./picture.ts";
import { type Resampled, samplerOf } from "./sampler.ts";

/** What a picture becomes: its geometry, and the scale of its numbers. */
export interface Target {
  readonly geometry: Geometry;
  readonly scale: ImagePreprocessing;
}

/** `touch` is called again and again while decoding goes on. */
export async function decode(
  picture: Picture,
  { geometry, scale }: Target,
  tools: ImageTools,
  touch: () => void,
): Promise<Float32Array> {
  const memory = borrowImageMemory();
  const pixels = normalised(await levelsOf(picture, geometry, memory, tools, touch), scale);
  returnImageMemory(memory);
  return pixels;
}

async function levelsOf(
  picture: Picture,
  geometry: Geometry,
  memory: ImageMemory,
  tools: ImageTools,
  touch: () => void,
): Promise<Levels> {
  const arena = memory.arena();
  const sampler = samplerOf(picture.width, geometry, arena);
  const run = picture.plan(arena);
  refuseTooLarge(arena.total, picture);
  const reservation = await reserve(arena.total, tools, touch);
  try {
    const turns = tools.turns.per(IMAGE_WORK.perTurn).until(stillHere(reservation, touch));
    memory.hold(arena);
    sampler.begin(memory);
    await run(memory, sampler, turns);
    return levelsIn(memory, await sampler.finish(turns), geometry);
  } finally {
    reservation.release();
  }
}

/** Is asked at every turn: shows that the decoding goes on. */
const stillHere = (reservation: Reservation, touch: () => void) => (): null => {
  reservation.touch();
  touch();
  return null;
};

function levelsIn(memory: ImageMemory, result: Resampled, { width, height }: Geometry): Levels {
  const { at, pixelBytes, rowBytes } = result;
  const bytes = memory.bytes(at, (width - 1) * pixelBytes + (height - 1) * rowBytes + 3);
  return { bytes, pixelBytes, rowBytes, width, height };
}
