// What kernels cost, as multiplications of 16-bit integers, of which a core does about 30 in a nanosecond.
import { WORK } from "../../core/work.ts";

/** A multiplication of float32 in a product, and in an attention. */
export const FLOAT_PRODUCT = 2;
/** To read, change and write one number. */
export const NUMBER = 4;
/** To quantise a number, or to pack it. */
export const PACKED_NUMBER = 8;
/** An activation with an exponential function or a rational one. */
export const CURVE = 24;

/** How many of `count` equal items a step does: a multiple of `unit`. */
export function itemsAStep(costOfOne: number, unit = 1): number {
  return Math.max(1, Math.floor(WORK.perGraphStep / (costOfOne * unit))) * unit;
}
