// Amounts of work per slice, and the cost of each kind of work.
/** Work of trainings and of the text backbone, in operations, because clocks stand still in deployed Workers. */
export const WORK = {
  /** Operations that count as one second of work: about what a core of the platform does. */
  perSecond: 20e9,
  /** Operations between two turns of the event loop: about 10 ms, and at least one step. */
  perSlice: 200e6,
  /** Operations between two turns while predictions arrive: about 2 ms, one block of a gradient or a few smaller steps. */
  perBusySlice: 25e6,
  /** Operations of a gradient on one block, which cannot be interrupted. */
  perBlock: 50e6,
  /** Operations between two durable checkpoints: about one second. */
  perCheckpoint: 25e9,
  /** Operations in one alarm: on a fast machine about 5 s of the 30 s of CPU time that an invocation has by default. */
  perAlarm: 100e9,
  /**
   * Characters that the text backbone reads between two turns of the event loop, and at least one text: 2 to 5 ms if the cache
   * has none of its words.
   */
  textCharsPerTurn: 8_000,
  /**
   * Multiplications of a backbone's graph between two turns of the event loop, as 16-bit integers: about 2 ms; and in one step, which
   * cannot be interrupted.
   */
  perGraphTurn: 50e6,
  perGraphStep: 20e6,
} as const;

/** Work of an upload, roughly in microseconds of a core: between two turns, and per row, byte and character. */
export const UPLOAD_WORK = {
  /** Between two turns of the event loop. A concurrent prediction waits for a few of them. */
  perTurn: 2_000,
  /** To validate a row, or to describe its problem. */
  perRow: 30,
  /** To read and parse a byte. */
  perByte: 0.03,
  /** Per call that stores examples. */
  perAppend: 7_000,
  /** To store an example, each of its labels, and a byte of its input and feature. */
  perExample: 30,
  perLabel: 5,
  perStoredByte: 0.005,
} as const;

/** Work of a prediction of many inputs, in the unit of `UPLOAD_WORK`. */
export const PREDICT_WORK = {
  perTurn: 5_000,
  /** To find the end of an input in JSON, and to parse it, per byte. */
  perScannedByte: 0.005,
  perParsedByte: 0.03,
  /** Inputs that are always answered at once, whatever the head. */
  inputsAtOnce: 16,
  /** To score a row, per byte of the head; to rank and write one label of its answer. */
  perHeadByte: 0.00005,
  perLabel: 0.6,
  /** To write a captured answer, per character. */
  perCapturedCharacter: 0.02,
} as const;

/** Work of a picture that is decoded and made smaller, in the unit of `UPLOAD_WORK`. */
export const IMAGE_WORK = {
  /** About as long as a concurrent prediction waits. */
  perTurn: 2_500,
  /** A pixel of a JPEG: to transform, show and shrink it; to look at it in one of several scans; and to read a byte of the file. */
  perJpegPixel: 0.006,
  perScannedPixel: 0.001,
  perJpegByte: 0.012,
  /** A pixel of a PNG and of a WebP, lossy or lossless, with everything. */
  perPngPixel: 0.03,
  perWebpPixel: 0.01,
  perLosslessPixel: 0.02,
  /** To add sixteen bytes to a sum of rows. */
  perRowStep: 0.004,
} as const;

/** Work of a sound, in the unit of `UPLOAD_WORK`: to read a sample of a channel, to multiply in a filter, and to compute a weight of the filter. */
export const SOUND_WORK = { perTurn: 2_000, perSample: 0.0015, perMultiplication: 0.00012, perWeight: 0.05 } as const;

/** Work of an export, in the unit of `UPLOAD_WORK`: to write an example, a number of its vector and a character of its text. */
export const EXPORT_WORK = { perTurn: 2_000, perRow: 10, perNumber: 0.2, perCharacter: 0.02 } as const;

/** Work of a webhook's delivery, in the unit of `UPLOAD_WORK`. */
export const HOOK_WORK = {
  perTurn: 2_000,
  /** To read a value of its payload, and a character. */
  perValue: 1,
  perCharacter: 0.01,
  /** To check an example, and each number or character of its input. */
  perExample: 30,
  perInputUnit: 0.05,
  /** The most that mapping a delivery may take: it is one block of work. */
  perMapping: 20_000,
  /** To follow one step of a pointer, or to compare a value. */
  perStep: 0.03,
  /** To copy a character, and to strip a tag or an entity of HTML. */
  perCopiedCharacter: 0.005,
  perMarkup: 0.3,
} as const;
