// Limits of one request, of its fields and of its repetitions by Idempotency-Key, with unit and reason. Fields are compared
// before a request is parsed.
import { KIB, MIB } from "./units.ts";

export const REQUEST_LIMITS = {
  /** An id chosen by the caller. */
  idChars: 200,
  /** Cached parsed values of route paths, and cached routes of method and path, in a Worker; about a hundred bytes each. */
  pathsRemembered: 1_000,
  /** The longest path cached: paths of the contract with slugs and ids are shorter. */
  rememberedPathChars: 200,
  /** Items on one page of a list: the contract's numbers. */
  pageSizeMax: 200,
  pageSizeDefault: 50,
  /** A JSON body, which is held whole, as text and parsed, in an isolate of 128 MB. */
  jsonBodyBytes: 32 * MIB,
  /** JSON of a request without examples and without a file: the largest, a thousand labels written as escapes, fits. */
  smallJsonBodyBytes: 4 * MIB,
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
  /** One image, and one sound of a minute or two, in bytes; both fit into one call between objects. */
  imageBytes: 8 * MIB,
  audioBytes: 16 * MIB,
  /** The beginning of a data URL, up to its comma: media types have a few dozen characters. */
  dataUrlPrefixChars: 200,
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
  /** A text input. The caller should cut longer documents, because the caller knows which part matters. */
  textChars: 20_000,
  /**
   * Bytes of a refused body that are read and discarded, so that the client sees the response instead of a reset connection.
   */
  drainBytes: 160 * MIB,
  /** Seconds that this may take: a slow client must not hold a request open. */
  drainSeconds: 30,
  /** A body stored to answer a repeated Idempotency-Key: a version of a thousand labels, with a million counts, fits. */
  idempotentAnswerBytes: 4 * MIB,
  /** All responses that a head, a tenant or the operator's directory stores for repeated keys; the oldest are deleted first. */
  ledgerBytes: 32 * MIB,
  /** Hours an Idempotency-Key is remembered: the contract's number. */
  idempotencyHours: 24,
  /** Seconds after which an unfinished request no longer blocks its Idempotency-Key. */
  idempotencyLeaseSeconds: 300,
  idempotencyKeyChars: 255,
} as const;
