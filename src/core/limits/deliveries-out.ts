// Limits of outgoing webhooks, with unit and reason.

export const DELIVERY = {
  /** Seconds until the end of a response, or of its first kilobyte: the contract's number. */
  timeoutSeconds: 20,
  /** Bytes of a response that are read and stored. */
  answerBytes: 1_024,
  /** Deliveries a tenant sends at once. PLATFORM: at most six connections of an object may wait for a response. */
  inFlight: 6,
  /** Deliveries to one endpoint at once, so that a slow endpoint leaves connections for others. */
  inFlightPerEndpoint: 2,
  /** Deliveries at once to failing or slow endpoints: in total, at most one to each. */
  inFlightTroubled: 3,
  /** Milliseconds of response time from which an endpoint counts as slow. */
  slowMs: 2_000,
  /** Attempts that one alarm begins: each is a subrequest, and an invocation may make a thousand. */
  perAlarm: 500,
  /** Minutes that one alarm runs: the platform ends it after 15. */
  minutesPerAlarm: 5,
  /** Seconds until the next alarm if the runtime dies while sending. */
  graceSeconds: 5,
  /** Hours up to which Retry-After is respected: the longest wait of the retry schedule. */
  retryAfterHours: 24,
  /** Days of failure after which an endpoint is disabled: the contract's number. */
  failingDays: 5,
  /** Hours that the old secret still signs after a rotation. */
  secretOverlapHours: 24,
  /** Days that deliveries are stored, for reading and for sending again. */
  daysKept: 30,
  /** Finished deliveries stored for a tenant. */
  kept: 20_000,
} as const;
