// Every limit of the service that a caller can reach, with its unit and reason: here, and in the `*-limits.ts` files that this
// one includes.

import { REQUEST_LIMITS } from "./request-limits.ts";
import { TEXT_LIMITS } from "./text-limits.ts";
import { TRAINING_LIMITS } from "./training-limits.ts";

export { DELIVERY } from "./delivery-limits.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

export const LIMITS = {
  ...REQUEST_LIMITS,
  ...TEXT_LIMITS,
  ...TRAINING_LIMITS,
  /** Rows that a streamed upload passes on at once: features of 1,024 floats stay under 2 MiB per call. */
  rowsPerBatch: 512,
  /** Bytes of parsed input that a streamed upload passes on at once: several such calls fit into the isolate. */
  batchBytes: 2 * MIB,
  /** Rejected rows listed in one response; further ones are only counted, to keep the response to an unsuitable file small. */
  rejectionsListed: 1_000,
  /** Label conflicts listed in one response; further ones are only counted. */
  conflictsListed: 100,
  /** Distinct inputs that an upload remembers to find conflicts, at 32 bytes each; and the characters of their labels. */
  conflictInputs: 131_072,
  conflictTargetChars: 250_000,
  /** Label conflicts of uploads that a head stores for review, newest first. */
  conflictsKept: 1_000,
  /** Consecutive rejected rows after which a streamed upload stops: the contract's number. It is probably the wrong file. */
  rejectionsInARow: 1_000,
  /** A label: long enough for a sentence. Longer ones usually come from the wrong column. */
  labelChars: 200,
  /** A label as sent, before it is trimmed and normalised: padded table columns fit. */
  labelCharsSent: 2_000,
  /** All labels of one example together: as long as a text, so that a page of examples fits into one call between objects. */
  labelSetChars: 20_000,
  /** An id chosen by the caller. */
  idChars: 200,
  /** Dimensions of a feature vector: the contract's number. */
  dimensions: 4_096,
  /** Labels of one head. */
  labelsPerHead: 1_000,
  /** Bytes in a block of stored features, which is written as a unit. */
  featureBlockBytes: 256 * KIB,
  /** Bytes of features that an upload adds per call: two blocks. Half as much would write index pages twice as often. */
  appendedFeatureBytes: 512 * KIB,
  /** Feature blocks that one alarm recomputes for a new backbone revision: 16 MiB, some seconds for the longest texts. */
  blocksPerRefresh: 64,
  /** Other examples named in one label issue. */
  othersPerLabelIssue: 20,
  /** The header of a safetensors file, which describes the version: a confusion matrix of the maximum number of labels fits. */
  fileHeaderBytes: 8 * MIB,
  /** Units of a hidden layer that a caller may request: the contract's number, like those below. */
  hiddenUnits: 1_024,
  iterations: 10_000,
  epochs: 1_000,
  secondsOfWork: 86_400,
  /** Version records in one page of a list: one with 1,000 labels has 2 to 5 MB, and gets its own page. */
  versionPageBytes: MIB,
  /** Features in one page of an export: an object reads them in a few milliseconds. */
  exportPageBytes: MIB,
  /** Versions that share traffic, and previous splits that can be restored: more than anyone uses. */
  sharesOfTraffic: 10,
  splitsBefore: 50,
  /** Cached parsed values of route paths, and cached routes of method and path, in a Worker; about a hundred bytes each. */
  pathsRemembered: 1_000,
  /** The longest path cached: paths of the contract with slugs and ids are shorter. */
  rememberedPathChars: 200,
  /**
   * Bytes of weights that one Worker keeps in memory. A thousand heads of 10 labels on 384 dimensions take 31 MB: padded
   * weights, scaler and conformal thresholds. A bound of 16 MiB holds about 530 of them: if a thousand are requested in turn,
   * every prediction then first reads a version from the head's object (`npm run bench:cold`). While trainings reserve memory
   * it is less: see `sharedBytes`.
   */
  replicaBytes: 32 * MIB,
  /** Heads whose live version one Worker remembers: a few hundred bytes each. */
  replicaHeads: 10_000,
  /** Milliseconds a prediction waits for fresh information about the live version, before it uses the last known one. */
  replicaWaitMs: 500,
  /** Captured inputs and counts that a Worker holds until it reports to the object; further captures are dropped. */
  reportedCaptures: 200,
  /** Characters of these captures: stored in some milliseconds. May be exceeded by less than one capture. */
  reportedCaptureChars: 2 * MIB,
  reportedHeads: 1_000,
  /** Predictions per report whose features are measured for drift: enough for a distribution, and cheap for a batch. */
  measuredPerReport: 256,
  /** Captured inputs stored for a head; the oldest are deleted first. */
  capturesPerHead: 10_000,
  captureDays: 365,
  /** Hours that feedback can refer to a prediction: the contract's number. */
  predictionLogHours: 24,
  /** Predictions that a head stores for feedback, and characters of their inputs; the oldest are deleted first. */
  loggedPredictions: 100_000,
  loggedPredictionChars: 64 * MIB,
  /** The same for a Worker's report to the head, which covers a second: further predictions get no id. */
  reportedPredictions: 1_000,
  reportedPredictionChars: 4 * MIB,
  /** Days of hourly counts: the contract's number. */
  statsDays: 7,
  /** A blob, a row or a bound value in SQLite: the platform's limit is 2 MB. */
  chunkBytes: 1_900_000,
  /** A bound JSON string with many rows for one statement: below the platform's 2 MB with room for UTF-8. */
  statementJsonChars: 400_000,
  /** A body stored to answer a repeated Idempotency-Key: a version of a thousand labels, with a million counts, fits. */
  idempotentAnswerBytes: 4 * MIB,
  /** All responses that a head, a tenant or the operator's directory stores for repeated keys; the oldest are deleted first. */
  ledgerBytes: 32 * MIB,
  /** Hours an Idempotency-Key is remembered: the contract's number. */
  idempotencyHours: 24,
  /** Seconds after which an unfinished request no longer blocks its Idempotency-Key. */
  idempotencyLeaseSeconds: 300,
  idempotencyKeyChars: 255,
  /** Items on one page of a list: the contract's numbers. */
  pageSizeMax: 200,
  pageSizeDefault: 50,
  /** Heads of a tenant, unless its quotas say otherwise. */
  headsPerTenant: 1_000,
  /** Examples of a head, unless the tenant's quotas say otherwise: a training lists them all, at about 200 bytes each. */
  examplesPerHead: 200_000,
  /** Valid keys of a tenant. */
  keysPerTenant: 1_000,
  /** Newest versions that a new head keeps by default: enough to compare and to go back. */
  keepVersionsDefault: 20,
  /** Most versions that a head can be configured to keep: each takes kilobytes to megabytes of its storage quota. */
  keepVersionsMax: 10_000,
  /** Label issues stored for one version: more than anyone reviews before the next training. */
  labelIssuesPerVersion: 1_000,
  /** Newest versions whose label issues are stored: older ones are resolved or outdated. */
  versionsWithLabelIssues: 5,
  /** Longest wait in a policy, in seconds: 30 days. */
  policySeconds: 2_592_000,
  /** Most examples that a policy can wait for: more than a head holds. */
  policyExamples: 10_000_000,
  nameChars: 200,
  descriptionChars: 2_000,
  /** Seconds a caller waits for events before the object responds with none. */
  eventWaitSeconds: 15,
  /** Seconds until an alarm reports an event of a head. Events are reported at once, unless the runtime dies. */
  relayGraceSeconds: 5,
  /** Longest wait in seconds between two attempts to report events to a tenant. */
  relayWaitSeconds: 300,
  /** Events that a head passes to its tenant in one call. */
  eventsPerRelay: 100,
  /** A URL from a caller: more than proxies and servers accept. */
  urlChars: 2_000,
  /** A host name without the root's dot (RFC 1035, 2.3.4). */
  hostNameChars: 253,
  /** Endpoints of a tenant: every event is matched against each. */
  endpointsPerTenant: 50,
  /** Events stored for a head. Older jobs have their record, but no log. */
  eventsKept: 20_000,
  /** Requests of a tenant per minute, unless its quotas say otherwise: 100,000 per second, ten times what one Worker serves. */
  requestsPerMinute: 6_000_000,
  /** Inputs of a tenant to embed per minute, unless its quotas say otherwise: ten for each of those requests. */
  inputsPerMinute: 60_000_000,
  /** Bytes of all heads of a tenant, unless its quotas say otherwise: ten objects at the platform's limit of 10 GB. */
  storageBytesPerTenant: 100 * GIB,
  /** Seconds of training work of a tenant per day (UTC), unless its quotas say otherwise: one core, all day. */
  trainingSecondsPerDay: 86_400,
  /** Seconds that a looked-up key counts as fresh. Then it is looked up again while requests continue. */
  keyFreshSeconds: 10,
  /** Seconds after which a looked-up key is no longer used: revoked keys must be refused everywhere within 30. */
  keyStaleSeconds: 20,
  /** Milliseconds a request waits for another request's call to a tenant's object, before it calls the object itself. */
  othersWaitMs: 2_000,
  /** Hashes of keys that a Worker holds, with the keys, at about 250 bytes each. */
  keyHashBytes: 2 * MIB,
  /** Keys that a Worker caches, at about 400 bytes each. */
  keysCached: 10_000,
  /** Tenants whose budgets and counts a Worker holds, at one or two kilobytes each. */
  tenantsMetered: 5_000,
  /** Heads of a tenant that a Worker counts separately between two reports. Others count for the tenant as a whole. */
  headsCounted: 1_000,
  /** Seconds a Worker may spend a lease. With the second of its grant, spending reaches this far beyond a minute (budget.ts). */
  leaseSeconds: 5,
  /** Seconds between two reports of a busy Worker to a tenant's object: a lease is renewed before it expires. */
  settleSeconds: 4,
  /** Seconds until a head reports an upload to its tenant. */
  reportSeconds: 10,
  /** Seconds that a head uses the last allowance from its tenant. */
  allowanceSeconds: 60,
  /** Days that usage is stored: a year and a month. */
  usageDays: 400,
  /** A webhook's body: verified whole, and stored as one row of SQLite if the delivery failed. Senders stay below 100 KiB. */
  hookBodyBytes: MIB,
  /** A request to try a payload: the payload, the most headers and the longest mapping, with room for escapes. */
  trialBodyBytes: 2 * MIB,
  /** Most seconds between now and the timestamp of a webhook, in either direction: the contract's number. */
  hookToleranceSeconds: 300,
  /** Signatures checked per delivery: a rotation brings two, and each further one in a header would cost a hash. */
  signaturesPerDelivery: 8,
  /** Secrets of a source that are valid at once: the current one, and the previous one during a rotation. */
  secretsPerSource: 2,
  /** Characters of a webhook's secret: shorter ones can be guessed. */
  webhookSecretCharsMin: 8,
  webhookSecretChars: 500,
  /** Seconds that the previous secret stays valid after a rotation: a day, and at most a week. */
  secretOverlapSeconds: 86_400,
  secretOverlapSecondsMax: 604_800,
  sourcesPerHead: 100,
  /** Deliveries that a head remembers, so that none takes effect twice: about 300 bytes each. */
  deliveriesKept: 200_000,
  /** Days that a delivery is stored, payload included. Senders stop retrying after three to five. */
  deliveryDays: 30,
  /** Payloads of failed deliveries stored for a head, newest first: few enough to sum at every failure. */
  deliveryPayloads: 2_000,
  deliveryPayloadBytes: 64 * MIB,
  /** Consecutive failures of a source after which it is reported as failing. */
  failuresBeforeEvent: 20,
  /** Examples that one delivery may delete, all or none, in one transaction: it blocks others for about 20 ms. */
  deletionsPerDelivery: 1_000,
  /** Examples in one delivery: one batch of an upload, which is embedded and appended in one step. */
  examplesPerDelivery: 500,
  /** Headers stored with a failed delivery, and their characters: senders add a handful to those of the HTTP client. */
  headersPerDelivery: 50,
  deliveryHeaderChars: 8 * KIB,
  /** Deletions that a head remembers, so that no older event restores a deleted example: about 150 bytes each. */
  tombstonesKept: 50_000,
  /** Days that a deletion is remembered: as long as deliveries. Senders stop retrying after three to five. */
  tombstoneDays: 30,
  /** Characters of a JSON Pointer, and its steps into a payload. */
  pointerChars: 500,
  pointerDepth: 32,
  /** Pointers whose parsed steps an isolate caches, at about 200 bytes each. */
  pointersRemembered: 1_000,
  /** Array items that `each`, or `where` of a field, examines: several times as many as one delivery may hold. */
  itemsPerField: 2_000,
  /** Nesting of a payload: calls between objects copy it recursively. */
  payloadDepth: 100,
  /** Values of a payload (objects and arrays count), or fields of a form: about 100 bytes each, more than a MiB of events has. */
  payloadValues: 50_000,
  /** Limits of a mapping: rules, conditions per rule, values per condition, pointers per field. */
  mappingRules: 20,
  conditions: 20,
  conditionValues: 50,
  conditionChars: 1_000,
  pointersPerField: 20,
  /** A mapping as JSON: part of a row that is read for every delivery. */
  mappingJsonChars: 50_000,
  /** Routes of sources, and quotas of their tenants, cached in an isolate. */
  sourceRoutesCached: 10_000,
  /** Seconds that an isolate uses its cached information about a source's tenant. */
  sourceRouteSeconds: 30,
} as const;

/** Most labels that a head of this dimension can be trained on. */
export const mostLabels = (dimension: number): number =>
  Math.min(LIMITS.labelsPerHead, Math.floor(LIMITS.headParameters / dimension));
