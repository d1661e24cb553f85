// Ceilings of what trainings hold in the memory of an isolate, with unit and reason. `LIMITS` includes them.

const MIB = 1024 * 1024;

export const TRAINING_LIMITS = {
  /** Weights of a linear head (dimensions × labels): 1,000 labels of 1,024 dimensions. A training holds some 12 vectors of 4 bytes each. */
  headParameters: 1_024_000,
  /** Weights of a linear head up to which a training may spend memory on speed: some 24 vectors of 4 bytes each. */
  smallHeadParameters: 500_000,
  /** Weights of a head with a hidden layer, to the features and to the labels: its optimiser keeps several copies. */
  hiddenParameters: 500_000,
  /** Weight vectors the optimiser keeps (both sides of each pair), in bytes: what is left of the isolate beside the heap. */
  optimiserHistoryBytes: 16 * MIB,
  /** The same of a large head, whose other vectors take the room. */
  largeHistoryBytes: 9 * MIB,
  /**
   * Bytes that trainings, large uploads and large predictions of an isolate reserve at once: 96 MiB of its 128 MB, less 16 MiB
   * for replicas of versions. Replicas may take another 16 MiB (`replicaBytes`), in a Worker that serves over 500 heads.
   */
  memoryBytes: 80 * MIB,
  /** What trainings leave of it, where they could do with more, for the uploads of callers who wait. */
  requestMemoryBytes: 8 * MIB,
  /** Milliseconds that an upload waits for memory before it answers 503, and seconds after which to try again. */
  memoryWaitMs: 10_000,
  memoryRetrySeconds: 5,
  /** Who may wait for memory in an isolate; further uploads answer 503 at once. */
  memoryQueue: 64,
  /** Milliseconds that a training waits for memory in one alarm, so that other alarms of its head have their turn. */
  trainingWaitMs: 2_000,
  /** What a request may hold without asking: thousands of small ones a second would feel a queue. */
  unreservedBytes: MIB,
  /** Outputs for rows held out that trainings of an isolate keep from one pass to the next: 13,000 rows of 77 classes, beside the heap. */
  keptOutputBytes: 4 * MIB,
  /** Dimensions up to which a Gram matrix guides the optimiser: its inverse takes seconds beyond, and 8 bytes a cell. */
  gramDimensions: 512,
  /** Examples up to which each gets a score by a model that did not see it: four more short fits. */
  auditedRows: 100_000,
  /** Feature blocks a training holds in the WASM heap, for the whole isolate; the rest stream from SQLite each pass. */
  residentBlockBytes: 44 * MIB,
  /** A block of a training's features: a row of SQLite, with what else is in it. */
  blockBytes: 1_800_000,
  /** Examples of a head that may be read for a training in one go, where deletions never stop: some ten milliseconds. */
  rowsGatheredAtOnce: 2_000,
  /** Features put into the order of training at once; each such group is a scan of all that are stored. */
  gatheredBytes: 12 * MIB,
  /** Pairs of near rows that are looked at: a crowd of copies makes them by the square. */
  nearPairs: 20_000,
  /** Rows held at once to compare near pairs exactly. */
  nearRowBytes: 8 * MIB,
} as const;
