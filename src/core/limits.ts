// Every ceiling of the service, with its unit and the reason it stands where it does. Nothing else holds a magic bound.

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
  /** Rows a streamed upload hands over at once: features of 1,024 floats stay under 2 MiB a call. */
  rowsPerBatch: 512,
  /** Bytes of parsed input a streamed upload hands over at once: a few calls' worth fits in the isolate. */
  batchBytes: 2 * MIB,
  /** Rejected rows listed in one answer; later ones are counted. Keeps the answer to a hopeless file small. */
  rejectionsListed: 1_000,
  /** Conflicts of labels listed in one answer; later ones are counted. */
  conflictsListed: 100,
  /** Different inputs that an upload remembers to find conflicts, at 32 bytes each; and the characters of their labels. */
  conflictInputs: 131_072,
  conflictTargetChars: 250_000,
  /** Conflicts of uploads that a head keeps for review, newest first. */
  conflictsKept: 1_000,
  /** Rejected rows in a row after which a streamed upload stops: the contract's number. It is another file than was meant. */
  rejectionsInARow: 1_000,
  /** A label: long enough for a sentence; longer ones are almost always a wrong column. */
  labelChars: 200,
  /** A label as it is sent, before blanks at its ends are cut and it is normalised: padding of a table's column fits. */
  labelCharsSent: 2_000,
  /** All labels of one example together: as long as a text, so that a page of examples fits one call between objects. */
  labelSetChars: 20_000,
  /** An id chosen by the caller. */
  idChars: 200,
  /** Dimensions of a feature vector: the contract's number. */
  dimensions: 4_096,
  /** Labels of one head. */
  labelsPerHead: 1_000,
  /** Bytes in a block of stored features, which is written as one. */
  featureBlockBytes: 256 * KIB,
  /** Bytes of features that an upload adds in one call, two blocks: half as much writes the pages of indexes twice as often. */
  appendedFeatureBytes: 512 * KIB,
  /** Blocks of features that one alarm recomputes for a new revision of a backbone: 16 MiB of them, some seconds of the longest texts. */
  blocksPerRefresh: 64,
  /** Examples that one label issue names as others. */
  othersPerLabelIssue: 20,
  /** The header of a safetensors file, which tells of the version: a confusion of the most labels there are fits. */
  fileHeaderBytes: 8 * MIB,
  /** Units of a hidden layer that a caller may ask for: the contract's number, like those below. */
  hiddenUnits: 1_024,
  iterations: 10_000,
  epochs: 1_000,
  secondsOfWork: 86_400,
  /** Records of versions in one page of a list: one of 1,000 labels has 2 to 5 MB, and is a page of its own. */
  versionPageBytes: MIB,
  /** Features in one page of an export: what an object reads in a few milliseconds. */
  exportPageBytes: MIB,
  /** Versions that callers are split between, and splits that can be gone back to: more than anyone follows. */
  sharesOfTraffic: 10,
  splitsBefore: 50,
  /** Paths of a route whose parsed values a Worker remembers, and paths of a method whose route; at some hundred bytes each. */
  pathsRemembered: 1_000,
  /** Of the longest path remembered: those of the contract are shorter, by slugs and ids. */
  rememberedPathChars: 200,
  /**
   * Bytes of weights that one Worker keeps ready. A thousand heads of 10 labels on 384 dimensions take 31 MB: padded weights,
   * scaler and conformal thresholds. A bound of 16 MiB holds about 530 of them: when a thousand are asked in turn, every
   * prediction then reads a version from the head's object first (`npm run bench:cold`).
   */
  replicaBytes: 32 * MIB,
  /** Heads of which one Worker remembers what is live: a few hundred bytes each. */
  replicaHeads: 10_000,
  /** Milliseconds a prediction waits for what is live to be told again, before it answers from what was live before. */
  replicaWaitMs: 500,
  /** Captured inputs and counts that a Worker holds until it tells the object; captures beyond are dropped. */
  reportedCaptures: 200,
  /** Characters of these captures: stored in some milliseconds. May be exceeded by less than one capture. */
  reportedCaptureChars: 2 * MIB,
  reportedHeads: 1_000,
  /** Predictions of a report whose features are measured for drift: enough for a distribution, cheap for a batch. */
  measuredPerReport: 256,
  /** Captured inputs kept of a head: the oldest go first. */
  capturesPerHead: 10_000,
  captureDays: 365,
  /** Hours that feedback can name a prediction: the contract's number. */
  predictionLogHours: 24,
  /** Predictions that a head keeps for feedback to name, and characters of their inputs: the oldest go first. */
  loggedPredictions: 100_000,
  loggedPredictionChars: 64 * MIB,
  /** The same of a Worker's report to the head, a second's worth: predictions beyond have no id. */
  reportedPredictions: 1_000,
  reportedPredictionChars: 4 * MIB,
  /** Days of hourly counts: the contract's number. */
  statsDays: 7,
  /** A blob, a row or a bound value in SQLite: the platform's limit is 2 MB. */
  chunkBytes: 1_900_000,
  /** A bound JSON string that carries many rows in one statement: below the platform's 2 MB with room for UTF-8. */
  statementJsonChars: 400_000,
  /** A body stored to answer a repeated Idempotency-Key: a version of a thousand labels, which has a million counts, fits. */
  idempotentAnswerBytes: 4 * MIB,
  /** All answers that a head, a tenant or the operator's directory stores for repeated keys: the oldest go first. */
  ledgerBytes: 32 * MIB,
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
  /** Newest versions that a head made from now on keeps, unless it says otherwise: enough to compare and to go back. */
  keepVersionsDefault: 20,
  /** Versions that a head may be asked to keep: each takes kilobytes to megabytes of its storage quota. */
  keepVersionsMax: 10_000,
  /** Label issues kept of one version: more than anyone goes through before training again. */
  labelIssuesPerVersion: 1_000,
  /** Newest versions whose label issues are kept: older ones have been acted on or overtaken. */
  versionsWithLabelIssues: 5,
  /** Seconds a policy may wait for anything: 30 days. */
  policySeconds: 2_592_000,
  /** Examples a policy may wait for: more than a head holds. */
  policyExamples: 10_000_000,
  nameChars: 200,
  descriptionChars: 2_000,
  /** Seconds a caller waits for events before the object answers with none. */
  eventWaitSeconds: 15,
  /** Seconds an event waits in its head before an alarm tells it: it is told at once, unless the runtime dies. */
  relayGraceSeconds: 5,
  /** Seconds between two tries to tell a tenant, at most. */
  relayWaitSeconds: 300,
  /** Events that a head hands to its tenant in one call. */
  eventsPerRelay: 100,
  /** A URL given by a caller: more than proxies and servers take. */
  urlChars: 2_000,
  /** A host name without the dot of the root (RFC 1035, 2.3.4). */
  hostNameChars: 253,
  /** Endpoints of a tenant: every event is matched against each. */
  endpointsPerTenant: 50,
  /** Events kept for a head: jobs older than these have their record, not their log. */
  eventsKept: 20_000,
  /** Requests of a tenant in a minute, unless its quotas say otherwise: 100,000 a second, ten times what one Worker answers. */
  requestsPerMinute: 6_000_000,
  /** Inputs of a tenant to embed in a minute, unless its quotas say otherwise: ten for each of those requests. */
  inputsPerMinute: 60_000_000,
  /** Bytes of all heads of a tenant, unless its quotas say otherwise: ten objects filled to the platform's 10 GB. */
  storageBytesPerTenant: 100 * GIB,
  /** Seconds of training work of a tenant in a day (UTC), unless its quotas say otherwise: one core, all day. */
  trainingSecondsPerDay: 86_400,
  /** Seconds a looked-up key is taken as it was; then it is looked up again while requests go on. */
  keyFreshSeconds: 10,
  /** Seconds after which a looked-up key is not taken any more: revoked keys are to be refused everywhere within 30. */
  keyStaleSeconds: 20,
  /** Milliseconds a request waits for what another one asked of a tenant's object, before it asks itself. */
  othersWaitMs: 2_000,
  /** Hashes of keys that a Worker holds, with the keys, at some 250 bytes each. */
  keyHashBytes: 2 * MIB,
  /** Keys a Worker remembers, at some 400 bytes each. */
  keysCached: 10_000,
  /** Tenants whose budgets and counts a Worker holds, at a kilobyte or two each. */
  tenantsMetered: 5_000,
  /** Heads of a tenant that a Worker counts apart between two reports; further ones count for the tenant as a whole. */
  headsCounted: 1_000,
  /** Seconds in which a Worker may spend a lease: with the second it came in, what a minute can reach back (budget.ts). */
  leaseSeconds: 5,
  /** Seconds between two reports of a busy Worker to a tenant's object: a lease is renewed before it runs out. */
  settleSeconds: 4,
  /** Seconds until a head tells its tenant what an upload added. */
  reportSeconds: 10,
  /** Seconds a head goes by what its tenant last left it. */
  allowanceSeconds: 60,
  /** Days that usage is kept: a year and a month. */
  usageDays: 400,
  /** A webhook's body: verified whole, and kept as one row of SQLite where it failed. Senders stay below 100 KiB. */
  hookBodyBytes: MIB,
  /** A request to try a payload: the payload, the most headers and the longest mapping, with room for escapes. */
  trialBodyBytes: 2 * MIB,
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
  /** Deliveries of a head that are remembered, so that none has its effect twice: some 300 bytes each. */
  deliveriesKept: 200_000,
  /** Days a delivery is remembered, payload included. Senders give up retrying after three to five. */
  deliveryDays: 30,
  /** Payloads of failed deliveries kept for a head, newest first: few enough to add up at every failure. */
  deliveryPayloads: 2_000,
  deliveryPayloadBytes: 64 * MIB,
  /** Failures of a source in a row at which it is said to be failing. */
  failuresBeforeEvent: 20,
  /** Examples that one delivery may delete: each costs a few statements of one transaction. */
  deletionsPerDelivery: 1_000,
  /** Examples that one delivery may hold: as many as a batch of an upload, which are embedded and appended in one step. */
  examplesPerDelivery: 500,
  /** Headers kept beside a failed delivery, and their characters: senders add a handful to what clients send. */
  headersPerDelivery: 50,
  deliveryHeaderChars: 8 * KIB,
  /** Deletions remembered of a head, so that no older event brings back what was deleted: some 150 bytes each. */
  tombstonesKept: 50_000,
  /** Days that a deletion is remembered: as long as deliveries are. Senders give up retrying after three to five. */
  tombstoneDays: 30,
  /** A JSON Pointer, and the steps that it takes into a payload. */
  pointerChars: 500,
  pointerDepth: 32,
  /** Pointers of which an isolate remembers the steps, at some 200 bytes each. */
  pointersRemembered: 1_000,
  /** Items of an array that `each` or `where` of a field looks into: several times what one delivery may hold. */
  itemsPerField: 2_000,
  /** Levels of a payload: what carries it between objects copies it by recursion. */
  payloadDepth: 100,
  /** Values of a payload, with objects and arrays, or fields of a form: some 100 bytes of memory each, and more than a MiB of events has. */
  payloadValues: 50_000,
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

/** Labels that a head of a dimension can be trained on. */
export const mostLabels = (dimension: number): number =>
  Math.min(LIMITS.labelsPerHead, Math.floor(LIMITS.headParameters / dimension));
