// How much a training does at once, and what counts as how much.
/** Counted in work, since clocks stand still in deployed Workers. */
export const WORK = {
  /** Operations that count as a second of work: what a core of the platform does in about one. */
  perSecond: 20e9,
  /** Operations between two turns of the event loop: about 10 ms, and one step at least. */
  perSlice: 200e6,
  /** The same while predictions come: about 2 ms, one block of a gradient or a few steps that are smaller. */
  perBusySlice: 25e6,
  /** Operations in a block, for a gradient: what cannot be interrupted. */
  perBlock: 50e6,
  /** Operations between two durable checkpoints: about one second. */
  perCheckpoint: 25e9,
  /** Operations in one alarm: about 5 s of the 30 s of CPU that an invocation has by default, on a fast machine. */
  perAlarm: 100e9,
} as const;
