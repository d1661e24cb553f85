// Limits of one request, with unit and reason. `LIMITS` includes them. They are in one file because they are compared before a
// request is parsed.

const KIB = 1024;
const MIB = 1024 * KIB;

export const REQUEST_LIMITS = {
  /** A JSON body, which is held whole, as text and parsed, in an isolate of 128 MB. */
  jsonBodyBytes: 32 * MIB,
  /** JSON of a request without examples and without a file: the largest, a thousand labels written as escapes, fits. */
  smallJsonBodyBytes: 4 * MIB,
  /** A predict request with texts or vectors: 256 vectors of 4,096 numbers at 8 characters each. */
  predictBodyBytes: 8 * MIB,
  /** A predict request with images or sound, encoded as base64. */
  predictMediaBytes: 32 * MIB,
  /** A JSON upload up to this size is parsed at once, in some milliseconds; a larger one row by row. */
  wholeJsonBytes: 256 * KIB,
  /**
   * A predict request with only vectors and options, up to this size, is parsed at once in about 5 ms; a larger one input by
   * input.
   */
  plainRowsBytes: MIB,
  /**
   * One row of such an upload: parsed at once in about 20 ms, so that most rows that are too long get an error for their field.
   */
  jsonRowBytes: 2 * MIB,
  /**
   * JSON up to this size is parsed without counting it first: even if it is all empty arrays, it takes less than a megabyte of
   * memory.
   */
  uncountedJsonBytes: 64 * KIB,
  /** Values of one JSON document: 1,000 vectors of the largest dimension, and what surrounds them. Up to 12 bytes each. */
  jsonValues: 4_500_000,
  /** Arrays and objects of one JSON document, at 40 bytes or more each: the weights and metrics of a version have 10,000. */
  jsonContainers: 250_000,
  /** Fields of all objects of one JSON document: 1,000 examples have 8,000. Each new name is a separate string. */
  jsonFields: 150_000,
  /** Problems listed for a request; parsing stops after them. */
  problemsListed: 20,
  /** A string for one text input. The backbone accepts up to `textChars`. */
  inputTextChars: 512 * KIB,
  /** A vector of the largest dimension as base64 of float32, with padding. */
  vectorChars: 21_848,
  /** Captures in one page of a list: one with a thousand scores has 60 KB. */
  capturePageChars: MIB,
  /** A cursor of a list. */
  cursorChars: 1_000,
  /** A slug, and a whole number in a path or a query: the longest that match their pattern. */
  slugChars: 40,
  digitsChars: 15,
  /** An id made by the service, in a path. */
  madeIdChars: 100,
  /** A number as text: more digits do not change a float64. */
  numberChars: 40,
  /** `sha256:` and 64 hex digits. */
  digestChars: 71,
  /** A time as text, with more digits of a second than any sender writes. */
  timeChars: 64,
  /** The separator of texts that a mapping joins. */
  separatorChars: 20,
  /** The prefix of a signature in its header, and the name of one of its parts. */
  signaturePrefixChars: 40,
  /** Tensors in a version file: a head has at most seven. */
  tensorsPerFile: 32,
  /** Inputs in one predict request: the contract's number. */
  inputsPerPredict: 256,
  /** A text input. The caller should cut longer documents, because the caller knows which part matters. */
  textChars: 20_000,
  /** Examples in one JSON request: the contract's number. Streams have no such limit. */
  examplesPerRequest: 1_000,
  /** One NDJSON line or CSV record: 4,096 numbers in decimal, or the longest text, fit several times. */
  lineBytes: 512 * KIB,
  /** Tenant ids whose existence a Worker caches, at about 100 bytes each. */
  tenantNamesKnown: 10_000,
  /**
   * Seconds that an id is cached as not existing. A tenant created through another Worker may be unknown here for that long.
   */
  tenantAbsentSeconds: 5,
  /** Labels of all examples that one delivery brings, and of all that it changes or deletes: 1 µs each in its transaction. */
  labelsPerDelivery: 10_000,
  /** Characters of the examples that the answer to a tried payload shows. Several may share one long text. */
  trialExampleChars: 2 * MIB,
  /** Ids that no source has, cached in an isolate at about 100 bytes each, and the seconds that one is cached. */
  sourcesAbsentCached: 10_000,
  sourceAbsentSeconds: 5,
  /** Seconds that a tenant is cached as existing. Its object makes the final decision. */
  tenantKnownSeconds: 600,
  /**
   * Bytes of a refused body that are read and discarded, so that the client sees the response instead of a reset connection.
   */
  drainBytes: 160 * MIB,
  /** Seconds that this may take: a slow client must not hold a request open. */
  drainSeconds: 30,
} as const;
