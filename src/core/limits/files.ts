// Limits of stored files (images and sounds), with unit and reason. `LIMITS` includes them.
import { KIB, MIB } from "./units.ts";

export const FILE_LIMITS = {
  /**
   * Bytes of a file, or characters of its base64, that are decoded or digested between two turns of the event loop: 1 to 4 ms.
   * The largest sound at once would take up to 80 ms. A multiple of 4, so that base64 divides into whole groups.
   */
  fileBytesPerTurn: MIB,
  /**
   * A file up to this size is stored in the head's SQLite, so that small pictures and short sounds need no bucket: 200,000 of
   * them fit into an object's 10 GB.
   */
  inlineFileBytes: 32 * KIB,
  /** Files put into the bucket at once. PLATFORM: an object can have six connections that wait for a response. */
  filesPutAtOnce: 6,
  /** Seconds from the intent to put a file until it is deleted, unless an example or a capture uses it. */
  unclaimedFileSeconds: 600,
  /** Files deleted in one call of the bucket. PLATFORM: a call takes at most 1,000. */
  filesDeletedAtOnce: 1_000,
  /** Delete calls in one alarm, which take some seconds together. Another alarm continues. */
  fileDeletionsPerAlarm: 20,
  /** Seconds after which the bucket is searched again for files of a deleted head: a put that was in flight may end late. */
  lateFileSeconds: 3_600,
  /** Files read at once to embed their inputs, and their bytes: as many as the largest file has, which fits into the isolate. */
  filesReadAtOnce: 64,
  fileBytesReadAtOnce: 16 * MIB,
  /** Stored inputs dropped between two turns of the event loop. */
  inputsDroppedAtOnce: 64,
} as const;
