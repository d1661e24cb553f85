// Limits of the memory of trainings in an isolate, with unit and reason.
import { MIB } from "./units.ts";

export const TRAINING_LIMITS = {
  /**
   * Weights of a linear head (dimensions × labels): 1,000 labels of 1,024 dimensions. A training holds about 12 vectors of 4
   * bytes each.
   */
  headParameters: 1_024_000,
  /** Weights of a linear head up to which a training may use more memory for speed: about 24 vectors of 4 bytes each. */
  smallHeadParameters: 500_000,
  /** Weights of a head with a hidden layer, in both layers: its optimiser keeps several copies. */
  hiddenParameters: 500_000,
  /** Bytes of the optimiser's history (both vectors of each pair): the isolate's memory without the WASM heap. */
  optimiserHistoryBytes: 16 * MIB,
  /** Bytes of the optimiser's history for a large head, whose other vectors need the memory. */
  largeHistoryBytes: 9 * MIB,
  /**
   * Bytes that trainings, large uploads and large predictions of an isolate reserve at once: `sharedBytes` without
   * `leastReplicaBytes`.
   */
  memoryBytes: 80 * MIB,
  /** Bytes for reservations and replicas together. The rest of an isolate's 128 MB is for code, objects and requests. */
  sharedBytes: 96 * MIB,
  /** Bytes of replicas that stay cached however much is reserved: about 530 heads of 10 labels on 384 dimensions. */
  leastReplicaBytes: 16 * MIB,
  /** Bytes of the budget that optional reservations of trainings leave free, for uploads whose callers wait. */
  requestMemoryBytes: 8 * MIB,
  /** Milliseconds that an upload waits for memory before it answers 503, and seconds until a retry. */
  memoryWaitMs: 10_000,
  memoryRetrySeconds: 5,
  /** Requests that may wait for memory in an isolate. Further uploads answer 503 at once. */
  memoryQueue: 64,
  /** Milliseconds that a training waits for memory in one alarm, so that other alarms of its head can run. */
  trainingWaitMs: 2_000,
  /** Bytes that a request may hold without a reservation: queueing would slow down thousands of small requests a second. */
  unreservedBytes: MIB,
  /**
   * Outputs for held-out rows that trainings of an isolate keep between passes: 13,000 rows of 77 classes, in addition to the
   * heap.
   */
  keptOutputBytes: 4 * MIB,
  /**
   * Dimensions up to which a Gram matrix preconditions the optimiser. Above, its inverse takes seconds, and 8 bytes per cell.
   */
  gramDimensions: 512,
  /** Examples up to which each is scored by a model that did not see it, which takes four more short fits. */
  auditedRows: 100_000,
  /**
   * Feature blocks that trainings hold in the WASM heap, for the whole isolate. The rest is streamed from SQLite in each pass.
   */
  residentBlockBytes: 44 * MIB,
  /** A feature block of a training: one row of SQLite, including its other columns. */
  blockBytes: 1_800_000,
  /** Examples of a head that may be read for a training at once if deletions never stop: about ten milliseconds. */
  rowsGatheredAtOnce: 2_000,
  /** Features sorted into training order at once. Each such group scans all stored features. */
  gatheredBytes: 12 * MIB,
  /** Near pairs that are examined: a group of copies has quadratically many. */
  nearPairs: 20_000,
  /** Rows held at once to compare near pairs exactly. */
  nearRowBytes: 8 * MIB,
} as const;
