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
  /** Characters that the text backbone reads between two turns of the event loop, and one text at least: 2 to 5 ms of words it has not met. */
  textCharsPerTurn: 8_000,
} as const;

/** How much an upload does at once, in microseconds of a core, roughly; what it costs per row, byte and character. */
export const UPLOAD_WORK = {
  /** Between two turns of the event loop: a prediction beside it waits for a few of them. */
  perTurn: 2_000,
  /** To check a row, or to say what is wrong with it. */
  perRow: 30,
  /** To read and parse a byte. */
  perByte: 0.03,
  /** In one call that stores examples. */
  perAppend: 5_000,
  /** To store an example, each of its labels, and a byte of its input and feature. */
  perExample: 40,
  perLabel: 5,
  perStoredByte: 0.005,
} as const;

/** The same of a prediction of many inputs. */
export const PREDICT_WORK = {
  perTurn: 5_000,
  /** To find where an input ends in JSON, and to parse it, a byte each. */
  perScannedByte: 0.005,
  perParsedByte: 0.03,
  /** Inputs that are answered at once, whatever the head. */
  inputsAtOnce: 16,
  /** To score a row, for a byte of the head; to rank a label of its answer and write it. */
  perHeadByte: 0.00005,
  perLabel: 0.6,
  /** To write a captured answer, a character. */
  perCapturedCharacter: 0.02,
} as const;

/** The same of an export: what it costs to write out an example, a number of its vector and a character of its text. */
export const EXPORT_WORK = { perTurn: 2_000, perRow: 10, perNumber: 0.2, perCharacter: 0.02 } as const;

/** The same of a webhook's delivery: what it costs to read a value of its payload and a character, and to map and check an example. */
export const HOOK_WORK = { perTurn: 2_000, perValue: 1, perCharacter: 0.01, perExample: 30 } as const;
