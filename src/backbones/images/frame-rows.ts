// What the two kinds of WebP frames have in common.
import type { Turns } from "../../core/turns.ts";
import type { ImageMemory } from "./image-memory.ts";

export interface FrameRows {
  /** Reads what is needed before the first row. */
  begin(memory: ImageMemory, bytes: Uint8Array, turns: Turns): Promise<void>;
  /** Writes row y, after row y − 1, and up to ROW_SLACK bytes behind it. */
  row(y: number, out: number): void;
}
