// Ceilings of outgoing webhooks, apart for length only; they are read through limits.ts.

/** How outgoing webhooks are sent. */
export const DELIVERY = {
  /** Seconds to the end of an answer, or of its first kilobyte: the contract's number. */
  timeoutSeconds: 20,
  /** Bytes of an answer that are read and kept. */
  answerBytes: 1_024,
  /** Sent at once by a tenant. PLATFORM: no more than six connections of an object wait for an answer. */
  inFlight: 6,
  /** Of one endpoint: what is left goes to others, should this one turn out slow. */
  inFlightPerEndpoint: 2,
  /** Of all endpoints that fail or are slow, one each. */
  inFlightTroubled: 3,
  /** Milliseconds of an answer from which its endpoint counts as slow. */
  slowMs: 2_000,
  /** Attempts that one alarm begins: each is a subrequest, of which an invocation has a thousand. */
  perAlarm: 500,
  /** Minutes one alarm goes on: the platform ends it after 15. */
  minutesPerAlarm: 5,
  /** Seconds after which an alarm looks again, should the runtime die while it sends. */
  graceSeconds: 5,
  /** Hours that a Retry-After is heeded for: the longest wait of the schedule. */
  retryAfterHours: 24,
  /** Days of failure after which an endpoint is disabled: the contract's number. */
  failingDays: 5,
  /** Hours that the secret before a rotation still signs. */
  secretOverlapHours: 24,
  /** Days that deliveries are kept, to look at and to send again. */
  daysKept: 30,
  /** Deliveries of a tenant that are over and kept. */
  kept: 20_000,
} as const;
