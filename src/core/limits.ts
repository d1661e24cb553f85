// Every ceiling of the service, with its unit and the reason it stands where it does. Nothing else holds a magic bound.

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** A JSON body is held whole, as text and parsed, in an isolate of 128 MB. */
  jsonBodyBytes: 32 * MIB,
  /** A refused body is read and dropped up to here, so that the client sees the answer rather than a reset connection. */
  drainBytes: 160 * MIB,
  /** One NDJSON line or CSV record: 4,096 numbers written out, or the longest text, fit several times. */
  lineBytes: 512 * KIB,
  /** Examples in one JSON request: the contract's number. Streams take any number. */
  examplesPerRequest: 1_000,
  /** Rows a streamed upload hands over at once: features of 1,024 floats stay under 2 MiB a call. */
  rowsPerBatch: 500,
  /** Bytes of parsed input a streamed upload hands over at once: a few calls' worth fits in the isolate. */
  batchBytes: 2 * MIB,
  /** Rejected rows listed in one answer; later ones are counted. Keeps the answer to a hopeless file small. */
  rejectionsListed: 1_000,
  /** Inputs in one predict request: the contract's number. */
  inputsPerPredict: 256,
  /** A text input: longer documents should be cut by the caller, who knows what matters in them. */
  textChars: 20_000,
  /** A label: long enough for a sentence; longer ones are almost always a wrong column. */
  labelChars: 200,
  /** All labels of one example together: as long as a text, so that a page of examples fits one call between objects. */
  labelSetChars: 20_000,
  /** An id chosen by the caller. */
  idChars: 200,
  /** Dimensions of a feature vector: the contract's number. */
  dimensions: 4_096,
  /** Labels of one head. */
  labelsPerHead: 1_000,
  /** Weights on the features of one head (dimensions × labels, or × hidden units): optimiser state is some 24 times 4 bytes of it. */
  headParameters: 500_000,
  /** Weight vectors the optimiser keeps (both sides of each pair), in bytes: what is left of the isolate beside the heap. */
  optimiserHistoryBytes: 16 * MIB,
  /** Dimensions up to which a Gram matrix guides the optimiser: its inverse takes seconds beyond, and 8 bytes a cell. */
  gramDimensions: 512,
  /** Examples up to which each gets a score by a model that did not see it: four more short fits. */
  auditedRows: 100_000,
  /** Feature blocks a training holds in the WASM heap, for the whole isolate; the rest stream from SQLite each pass. */
  residentBlockBytes: 44 * MIB,
  /** A block of a training's features: a row of SQLite, with what else is in it. */
  blockBytes: 1_800_000,
  /** Features put into the order of training at once; each such group is a scan of all that are stored. */
  gatheredBytes: 12 * MIB,
  /** Pairs of near rows that are looked at: a crowd of copies makes them by the square. */
  nearPairs: 20_000,
  /** Rows held at once to compare near pairs exactly. */
  nearRowBytes: 8 * MIB,
  /** Examples that one label issue names as others. */
  othersPerLabelIssue: 20,
  /** Units of a hidden layer that a caller may ask for: the contract's number, like those below. */
  hiddenUnits: 1_024,
  iterations: 10_000,
  epochs: 1_000,
  secondsOfWork: 86_400,
  /** Features in one page of an export: below what a call between objects carries. */
  exportPageBytes: 4 * MIB,
  /** Weights of versions kept ready for predictions in one object. */
  servedVersionBytes: 8 * MIB,
  /** A blob, a row or a bound value in SQLite: the platform's limit is 2 MB. */
  chunkBytes: 1_900_000,
  /** A bound JSON string that carries many rows in one statement: below the platform's 2 MB with room for UTF-8. */
  statementJsonChars: 400_000,
  /** A body stored to answer a repeated Idempotency-Key. */
  idempotentAnswerBytes: 16 * MIB,
  /** Hours an Idempotency-Key is remembered: the contract's number. */
  idempotencyHours: 24,
  /** Seconds after which a request that never finished no longer blocks its Idempotency-Key. */
  idempotencyLeaseSeconds: 300,
  idempotencyKeyChars: 255,
  /** Items on one page of a list: the contract's numbers. */
  pageSizeMax: 200,
  pageSizeDefault: 50,
  /** Heads of a tenant, unless its quotas say otherwise. */
  headsPerTenant: 1_000,
  /** Examples of a head, unless the tenant's quotas say otherwise: a training lists them all, at some 200 bytes each. */
  examplesPerHead: 200_000,
  /** Live keys of a tenant. */
  keysPerTenant: 1_000,
  /** Label issues kept of one version: more than anyone goes through before training again. */
  labelIssuesPerVersion: 1_000,
  /** Newest versions whose label issues are kept: older ones have been acted on or overtaken. */
  versionsWithLabelIssues: 5,
  nameChars: 200,
  descriptionChars: 2_000,
  /** Seconds a caller waits for events before the object answers with none. */
  eventWaitSeconds: 15,
  /** Events kept for a head: jobs older than these have their record, not their log. */
  eventsKept: 20_000,
  /** A webhook's body: verified whole, and kept as one row of SQLite where it failed. Senders stay below 100 KiB. */
  hookBodyBytes: MIB,
  /** Seconds that the timestamp of a webhook may lie from now, both ways: the contract's number. */
  hookToleranceSeconds: 300,
  /** Signatures of one delivery that are looked at: a rotation brings two; a header full of them would cost a hash each. */
  signaturesPerDelivery: 8,
  /** Secrets of a source that are valid at once: the new one, and the one before it during a rotation. */
  secretsPerSource: 2,
  /** Of a webhook's secret: shorter ones can be guessed. */
  webhookSecretCharsMin: 8,
  webhookSecretChars: 500,
  /** Seconds that the secret before stays valid after a rotation: a day, and at most a week. */
  secretOverlapSeconds: 86_400,
  secretOverlapSecondsMax: 604_800,
  sourcesPerHead: 100,
  /** Deliveries of a head that are remembered, so that none has its effect twice: some 200 bytes each. */
  deliveriesKept: 200_000,
  /** Days a delivery is remembered, payload included. Senders give up retrying after three to five. */
  deliveryDays: 30,
  /** Payloads of failed deliveries kept for a head, newest first: few enough to add up at every failure. */
  deliveryPayloads: 2_000,
  deliveryPayloadBytes: 64 * MIB,
  /** Failures of a source in a row at which it is said to be failing. */
  failuresBeforeEvent: 20,
  /** Examples that one delivery may delete. */
  deletionsPerDelivery: 1_000,
  /** A JSON Pointer, and the steps that it takes into a payload. */
  pointerChars: 500,
  pointerDepth: 32,
  /** Levels of a payload: what carries it between objects copies it by recursion. */
  payloadDepth: 100,
  /** Of a mapping: rules, conditions of a rule, values that fit a condition, pointers of a field. */
  mappingRules: 20,
  conditions: 20,
  conditionValues: 50,
  conditionChars: 1_000,
  pointersPerField: 20,
  /** Of a mapping as JSON: it is a row's part, read for every delivery. */
  mappingJsonChars: 50_000,
  /** Routes of sources, and quotas of their tenants, kept in an isolate. */
  sourceRoutesCached: 10_000,
  /** Seconds that an isolate goes by what it knows of a source's tenant. */
  sourceRouteSeconds: 30,
} as const;

/** How much a training does before it lets others in; counted in work, since clocks stand still in deployed Workers. */
export const WORK = {
  /** Operations that count as a second of work: what a core of the platform does in about one. */
  perSecond: 20e9,
  /** Floating-point operations between two turns of the event loop: about 6 ms at 20 GFLOP/s, and one block at
   * least; a turn costs about 1 ms. */
  perSlice: 120e6,
  /** The same while calls come: about 2 ms, and no more than a block. */
  perBusySlice: 40e6,
  /** Operations in a block, for a gradient: what cannot be interrupted. */
  perBlock: 100e6,
  /** Operations between two durable checkpoints: about one second. */
  perCheckpoint: 25e9,
  /** Operations in one alarm: about 5 s of the 30 s of CPU that an invocation has by default, on a fast machine. */
  perAlarm: 100e9,
} as const;
