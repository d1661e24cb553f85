// The parameters of a head's maintenance.
import type { Turns } from "../../src/core/turns.ts";

export interface UpkeepTools {
  readonly now: number;
  readonly bucket: R2Bucket | null;
  /** These turns end the work when the head is deleted. */
  readonly turns: Turns;
}
