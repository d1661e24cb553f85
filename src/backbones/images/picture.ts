// What a decoder of pictures is: it tells size and orientation from the header, lays out its memory, and then writes row after row.
import type { Turns } from "../../core/turns.ts";
import type { Orientation } from "./exif.ts";
import type { Arena, ImageMemory } from "./image-memory.ts";

/** Takes the rows of a picture, from top to bottom, four bytes a pixel: red, green, blue and one that is not used. */
export interface RowSink {
  /** Where the next row belongs: its bytes and `ROW_SLACK` more may be overwritten. */
  readonly address: number;
  /** The row at `address` is complete. */
  push(): void;
}

export const ROW_SLACK = 64;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Takes the memory that decoding needs. */
  plan(arena: Arena): Decoding;
}

/** Work is counted as IMAGE_WORK does. */
export type Decoding = (memory: ImageMemory, rows: RowSink, turns: Turns) => Promise<void>;
