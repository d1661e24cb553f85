// Ceilings of what one request may hold, with unit and reason. `LIMITS` includes them; they stand here because bounds are
// compared before a request is parsed, and belong together.

const KIB = 1024;
const MIB = 1024 * KIB;

export const REQUEST_LIMITS = {
  /** A JSON body is held whole, as text and parsed, in an isolate of 128 MB. */
  jsonBodyBytes: 32 * MIB,
  /** JSON of a request that holds no examples and no file: the largest, a thousand labels written as escapes, fits. */
  smallJsonBodyBytes: 4 * MIB,
  /** A predict request on texts or vectors: 256 vectors of 4,096 numbers at 8 characters each. */
  predictBodyBytes: 8 * MIB,
  /** A predict request on pictures or sound, which come as base64. */
  predictMediaBytes: 32 * MIB,
  /** An upload in JSON up to here is parsed at once, in some milliseconds; a larger one row by row. */
  wholeJsonBytes: 256 * KIB,
  /** A predict request of nothing but vectors and options: read at once in some 5 ms; a larger one input by input. */
  plainRowsBytes: MIB,
  /** One row of such an upload: parsed at once in some 20 ms, so that most rows that are too long are refused by their field. */
  jsonRowBytes: 2 * MIB,
  /** JSON up to here is parsed without being counted first: even all empty arrays, it takes less than a megabyte of memory. */
  uncountedJsonBytes: 64 * KIB,
  /** Values of one JSON document: 1,000 vectors of the most numbers, and what is around them. At up to 12 bytes each. */
  jsonValues: 4_500_000,
  /** Arrays and objects of one JSON document, at some 40 bytes each and more: the weights and figures of a version have 10,000. */
  jsonContainers: 250_000,
  /** Fields of all objects of one JSON document: 1,000 examples have 8,000. Each name that is new is a string of its own. */
  jsonFields: 150_000,
  /** Problems of a request that are listed: parsing stops there. */
  problemsListed: 20,
  /** A string that stands for one input of text; what the backbone takes is `textChars`. */
  inputTextChars: 512 * KIB,
  /** A vector of the most dimensions as base64 of float32, with its padding. */
  vectorChars: 21_848,
  /** Captures in one page of a list: one of a thousand scores has 60 KB. */
  capturePageChars: MIB,
  /** A cursor of a list. */
  cursorChars: 1_000,
  /** A slug, and a whole number in a path or a query: the longest that fits its pattern. */
  slugChars: 40,
  digitsChars: 15,
  /** An id that the service makes, in a path. */
  madeIdChars: 100,
  /** A number as text: more digits change no float64. */
  numberChars: 40,
  /** `sha256:` and 64 hex digits. */
  digestChars: 71,
  /** A time as text, with as many digits of its second as anyone writes. */
  timeChars: 64,
  /** What a mapping puts between texts that it joins. */
  separatorChars: 20,
  /** What stands before a signature in its header, and the name of a part of it. */
  signaturePrefixChars: 40,
  /** Tensors of a version as a file: a head has seven at most. */
  tensorsPerFile: 32,
  /** Inputs in one predict request: the contract's number. */
  inputsPerPredict: 256,
  /** A text input: longer documents should be cut by the caller, who knows what matters in them. */
  textChars: 20_000,
  /** Examples in one JSON request: the contract's number. Streams take any number. */
  examplesPerRequest: 1_000,
  /** One NDJSON line or CSV record: 4,096 numbers written out, or the longest text, fit several times. */
  lineBytes: 512 * KIB,
  /** Ids of tenants that a Worker remembers to be there or not, at some 100 bytes each. */
  tenantNamesKnown: 10_000,
  /** Seconds that an id is taken to be of no tenant: one that is made meanwhile through another Worker waits for that. */
  tenantAbsentSeconds: 5,
  /** Seconds that a tenant is taken to be there: its object says in the end whether it is. */
  tenantKnownSeconds: 600,
  /** A refused body is read and dropped up to here, so that the client sees the answer rather than a reset connection. */
  drainBytes: 160 * MIB,
  /** Seconds that this may take: a client that sends no faster must not hold a request open. */
  drainSeconds: 30,
} as const;
