// Limits of uploads, with unit and reason.
import { KIB, MIB } from "./units.ts";

export const UPLOAD_LIMITS = {
  /** Rows that a streamed upload passes on at once: features of 1,024 floats stay under 2 MiB per call. */
  rowsPerBatch: 512,
  /** Bytes of parsed input that a streamed upload passes on at once: several such calls fit into the isolate. */
  batchBytes: 2 * MIB,
  /** Rejected rows listed in one response; further ones are only counted, to keep the response to an unsuitable file small. */
  rejectionsListed: 1_000,
  /** Label conflicts listed in one response; further ones are only counted. */
  conflictsListed: 100,
  /** Distinct inputs that an upload remembers to find conflicts, at 32 bytes each; and the characters of their labels. */
  conflictInputs: 131_072,
  conflictTargetChars: 250_000,
  /** Label conflicts of uploads that a head stores for review, newest first. */
  conflictsKept: 1_000,
  /** Consecutive rejected rows after which a streamed upload stops: the contract's number. It is probably the wrong file. */
  rejectionsInARow: 1_000,
  /** Bytes of features that an upload adds per call: two blocks. Half as much would write index pages twice as often. */
  appendedFeatureBytes: 512 * KIB,
  /** Pending inputs embedded in one transaction, and characters of their texts: a kill repeats one batch. */
  pendingPerBatch: 64,
  pendingCharsPerBatch: 256 * KIB,
  /** Batches of pending inputs embedded in one alarm, before the head's other work. */
  pendingBatchesPerAlarm: 16,
  /** A JSON upload up to this size is parsed at once, in some milliseconds; a larger one row by row. */
  wholeJsonBytes: 256 * KIB,
  /**
   * Bytes of one row of a JSON upload, which is parsed at once in about 20 ms. Most rows with too long a field are shorter than
   * this, so the error names that field.
   */
  jsonRowBytes: 2 * MIB,
  /** Examples in one JSON request: the contract's number. Streams have no such limit. */
  examplesPerRequest: 1_000,
  /**
   * A line or record of a stream up to this size needs no memory beyond the stream's reservation of 20 MiB: several such uploads
   * and a training fit into the isolate. A longer one, which has a file of more than 3 MB, waits for a second reservation.
   */
  streamedFileBytes: 4 * MIB,
  /** One NDJSON line or CSV record: 4,096 numbers in decimal, or the longest text, fit several times. */
  lineBytes: 512 * KIB,
} as const;
