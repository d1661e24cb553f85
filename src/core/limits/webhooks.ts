// Limits of sources, mappings and deliveries, with unit and reason.
import { KIB, MIB } from "./units.ts";

export const WEBHOOK_LIMITS = {
  /** A URL from a caller: more than proxies and servers accept. */
  urlChars: 2_000,
  /** A host name without the root's dot (RFC 1035, 2.3.4). */
  hostNameChars: 253,
  /** A webhook's body: verified whole, and stored as one row of SQLite if the delivery failed. Senders stay below 100 KiB. */
  hookBodyBytes: MIB,
  /** A request to try a payload: the payload, the most headers and the longest mapping, with room for escapes. */
  dryRunBodyBytes: 2 * MIB,
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
  /** A time as text, with more digits of a second than any sender writes. */
  timeChars: 64,
  /** The separator of texts that a mapping joins. */
  separatorChars: 20,
  /** The prefix of a signature in its header, and the name of one of its parts. */
  signaturePrefixChars: 40,
  /** Labels of all examples that one delivery brings, and of all that it changes or deletes: 1 µs each in its transaction. */
  labelsPerDelivery: 10_000,
  /** Characters of the examples that the answer to a tried payload shows. Several may share one long text. */
  dryRunExampleChars: 2 * MIB,
  /** Ids that no source has, cached in an isolate at about 100 bytes each, and the seconds that one is cached. */
  sourcesAbsentCached: 10_000,
  sourceAbsentSeconds: 5,
} as const;
