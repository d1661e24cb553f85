// The catalogue of events that endpoints may ask for, and an event on its way from where it happened to them.

/** What each means, for the reference; `data` holds ids only, so that an event tells nothing to who may not read it. */
export const EVENTS = {
  "job.succeeded": "A training ended well: `head`, `job`, and `version` where it made one",
  "job.failed": "A training failed: `head`, `job`",
  "job.cancelled": "A training was cancelled: `head`, `job`",
  "version.created": "A training made a version, live or not: `head`, `version`, `job`",
  "version.promoted": "A version went live: `head`, `version`",
  "version.rolled_back": "The version live before is live again: `head`, `version`",
  "traffic.changed": "Callers are split between versions anew, or a shadow was named: `head`, `split`, `shadow`",
  "training.labels_left_out":
    "A training of the policy, of a webhook, or of a job that asked for it made a version without labels that have too few examples; the version lists them: `head`, `version`, `job`",
  "training.refused":
    "A training that the policy or a webhook wanted was refused; told once for each reason until a version is made, and the head's `backlog` says more: `head`, `code`, `reason`, and `job` where it had begun",
  "source.failing": "A source of a head keeps sending what cannot be used: `head`, `source`",
  "drift.detected": "What is predicted on differs from what was trained on: `head`, `version`",
  "endpoint.disabled": "An endpoint is sent nothing any more: `endpoint`",
} as const;

export type EventType = keyof typeof EVENTS;
export const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]];

/** What `POST …/test` sends; nobody asks for it. */
export const TEST_EVENT = "endpoint.test";

/** An event as it travels: its id is the webhook-id of every delivery, whoever sends it how often. */
export interface OutgoingEvent {
  readonly id: string;
  readonly type: EventType | typeof TEST_EVENT;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it happened, in ms since the epoch. */
  readonly at: number;
}
