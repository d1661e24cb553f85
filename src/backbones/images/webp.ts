// WebP, lossy and lossless, still or the first frame of an animation. Levels are those of libwebp.
import type { Turns } from "../../core/turns.ts";
import { IMAGE_WORK } from "../../core/work.ts";
import { ByteReader } from "./byte-reader.ts";
import type { FrameRows } from "./frame-rows.ts";
import type { Arena, ImageMemory } from "./image-memory.ts";
import { type Picture, ROW_SLACK, type RowSink } from "./picture.ts";
import { readWebpHeader, type WebpHeader } from "./webp-header.ts";
import { LosslessRows } from "./webp-lossless.ts";
import { LossyRows } from "./webp-lossy.ts";

export function webpPicture(bytes: Uint8Array): Picture {
  const header = readWebpHeader(new ByteReader(bytes));
  const { width, height, orientation, frame } = header;
  return {
    width,
    height,
    orientation,
    plan: (arena: Arena) => {
      const rows = frame.isLossless ? new LosslessRows(frame, arena) : new LossyRows(frame, arena);
      const row = arena.take(frame.width * 4 + ROW_SLACK);
      return (memory, sink, turns) => placeRows(header, { rows, row, bytes, memory, sink, turns });
    },
  };
}

interface Placing {
  readonly rows: FrameRows;
  /** Address of a row of the frame. */
  readonly row: number;
  readonly bytes: Uint8Array;
  readonly memory: ImageMemory;
  readonly sink: RowSink;
  readonly turns: Turns;
}

/** Puts the frame on a white canvas. */
async function placeRows({ width, height, x, y, frame }: WebpHeader, placing: Placing): Promise<void> {
  const { rows, row, bytes, memory, sink, turns } = placing;
  await rows.begin(memory, bytes, turns);
  const isCovered = frame.width === width;
  for (let at = 0; at < height; at++) {
    const isInside = at >= y && at < y + frame.height;
    if (!isCovered || !isInside) memory.bytes(sink.address, width * 4).fill(255);
    if (isInside) {
      rows.row(at - y, row);
      memory.functions.spreadPixels(row, frame.width, sink.address + x * 4, 1);
    }
    sink.push();
    await turns.spend(width * IMAGE_WORK.perWebpPixel);
  }
}
