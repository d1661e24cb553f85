// What a picture may take: pixels, and memory, which is reserved before decoding.
import type { Clock } from "../../core/clock.ts";
import { MIB } from "../../core/limits/units.ts";
import { LIMITS } from "../../core/limits.ts";
import { type MemoryBudget, type Reservation, reserveWithin } from "../../core/memory-budget.ts";
import { Fault } from "../../core/problems.ts";
import type { Turns } from "../../core/turns.ts";
import type { Wait } from "../../core/wait-for-request.ts";
import { unreadable } from "./unreadable.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

export function refuseTooManyPixels({ width, height }: Size): void {
  if (width * height <= LIMITS.imagePixels) return;
  const most = `${LIMITS.imagePixels / 1e6} million pixels`;
  throw unreadable(`it has ${width} × ${height} pixels, and the most is ${most}`);
}

export function refuseTooLarge(bytes: number, { width, height }: Size): void {
  if (bytes <= LIMITS.imageDecodingBytes) return;
  const [needed, most] = [Math.ceil(bytes / MIB), LIMITS.imageDecodingBytes / MIB];
  const what = `decoding ${width} × ${height} pixels of its kind takes ${needed} MiB, and the most is ${most} MiB`;
  throw unreadable(`${what}: store it as baseline JPEG or make it smaller`);
}

export const busy = (): Fault =>
  new Fault("overloaded", "The memory for pictures is in use: retry a little later", { retryAfterSeconds: 1 });

/** What the caller lends. */
export interface ImageTools {
  readonly memory: MemoryBudget;
  readonly turns: Turns;
  readonly now: Clock;
  readonly wait: Wait;
}

let asked = 0;

/** A common picture never waits for memory, and trainings then release some. A large one waits until some is free. */
export async function reserve(
  bytes: number,
  { memory, now, wait }: ImageTools,
  touch: () => void,
): Promise<Reservation> {
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
