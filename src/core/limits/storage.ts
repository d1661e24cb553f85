// Limits of what an object reads and writes at once, and of the events it stores, with unit and reason.
import { KIB, MIB } from "./units.ts";

export const STORAGE_LIMITS = {
  /** Bytes in a block of stored features, which is written as a unit. */
  featureBlockBytes: 256 * KIB,
  /** Feature blocks that one alarm recomputes for a new backbone revision: 16 MiB, some seconds for the longest texts. */
  blocksPerRefresh: 64,
  /** Version records in one page of a list: one with 1,000 labels has 2 to 5 MB, and gets its own page. */
  versionPageBytes: MIB,
  /** Features in one page of an export: an object reads them in a few milliseconds. */
  exportPageBytes: MIB,
  /**
   * Bytes of files in one part of an export. An export holds one part at a time, and reserves no memory for it. A multiple of 3, so
   * that the base64 of the parts of a file is that of the file.
   */
  exportedFileBytes: 1.5 * MIB,
  /** Files of an export that one call may ask for. */
  filesExportedAtOnce: 100,
  /** Days of hourly counts: the contract's number. */
  statsDays: 7,
  /** A blob, a row or a bound value in SQLite: the platform's limit is 2 MB. */
  chunkBytes: 1_900_000,
  /** A bound JSON string with many rows for one statement: below the platform's 2 MB with room for UTF-8. */
  statementJsonChars: 400_000,
  /** Seconds a caller waits for events before the object responds with none. */
  eventWaitSeconds: 15,
  /** Seconds until an alarm reports an event of a head. Events are reported at once, unless the runtime dies. */
  relayGraceSeconds: 5,
  /** Longest wait in seconds between two attempts to report events to a tenant. */
  relayWaitSeconds: 300,
  /** Events that a head passes to its tenant in one call. */
  eventsPerRelay: 100,
  /** Events stored for a head. Older jobs have their record, but no log. */
  eventsKept: 20_000,
} as const;
