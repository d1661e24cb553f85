// The catalogue of events that endpoints can subscribe to, and the form of an event in transit.

/**
 * Descriptions for the reference. `data` holds only ids, so that an event reveals nothing to a recipient who may not read it.
 */
export const EVENTS = {
  "job.succeeded": "A job succeeded: `head`, `job`, and `version` if it made one",
  "job.failed": "A job failed: `head`, `job`",
  "job.cancelled": "A job was cancelled: `head`, `job`",
  "version.created": "A training made a version, live or not: `head`, `version`, `job`",
  "version.promoted": "A version went live: `head`, `version`",
  "version.rolled_back": "The previously live version is live again: `head`, `version`",
  "traffic.changed": "The split of callers between versions, or the shadow, was changed: `head`, `split`, `shadow`",
  "training.labels_left_out":
    "A training made a version without the labels that have too few examples; the version lists them. It was started by the policy, by a webhook, or by a job with `leave_out`: `head`, `version`, `job`",
  "training.refused":
    "A training by the policy or a webhook was refused. Sent once per reason until a version is made; the head's `backlog` has details: `head`, `code`, `reason`, and `job` if it had begun",
  "source.failing": "A source of a head sends only deliveries that fail: `head`, `source`",
  "drift.detected": "Inputs or scores of predictions differ from those of the training: `head`, `version`",
  "endpoint.disabled": "An endpoint was disabled and receives no more events: `endpoint`",
} as const;

export type EventType = keyof typeof EVENTS;
export const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]];

/** The event that `POST …/test` sends. Endpoints cannot subscribe to it. */
export const TEST_EVENT = "endpoint.test";

/** An event in transit. Its id is the webhook-id of every delivery and every attempt. */
export interface OutgoingEvent {
  readonly id: string;
  readonly type: EventType | typeof TEST_EVENT;
  readonly data: Readonly<Record<string, unknown>>;
  /** Time of the event, in ms since the epoch. */
  readonly at: number;
}
