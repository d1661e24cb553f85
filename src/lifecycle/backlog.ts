// The backlog of a head: what has changed since a training last read its examples, and pending requests for a training. Pure
// transitions over plain data; all times in milliseconds since the epoch.
import type { ProblemCode } from "../core/problems.ts";

/** Times of the first and the last of some events. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface TrainingRefusal {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly at: number;
}

export interface Backlog {
  /** Examples added, changed or deleted that no version has learnt from. */
  readonly changes: number;
  /**
   * When the changes arrived that no training has tried yet; null if there are none, so that another attempt would have the
   * same result.
   */
  readonly changed: Span | null;
  /** When webhooks requested a training that has not begun. */
  readonly asked: Span | null;
  /** When a webhook last requested a training. */
  readonly lastAskedAt: number | null;
  readonly driftedAt: number | null;
  /** The job that has read the examples, and the number of changes it included. */
  readonly read: { readonly job: string; readonly changes: number } | null;
  /** Why the last attempted training failed. */
  readonly refused: TrainingRefusal | null;
  /** The refusal reason last reported to the tenant. It is reported again after a new version, or if the reason changes. */
  readonly refusalTold?: ProblemCode | null;
}

export const EMPTY_BACKLOG: Backlog = {
  changes: 0,
  changed: null,
  asked: null,
  lastAskedAt: null,
  driftedAt: null,
  read: null,
  refused: null,
};

const extended = (span: Span | null, now: number): Span => ({ first: span?.first ?? now, last: now });

export const withChanges = (backlog: Backlog, count: number, now: number): Backlog => ({
  ...backlog,
  changes: backlog.changes + count,
  changed: extended(backlog.changed, now),
});

/** A webhook requests a training that does not begin at once. */
export const withAsk = (backlog: Backlog, now: number): Backlog => ({
  ...backlog,
  asked: extended(backlog.asked, now),
  lastAskedAt: now,
});

export const withDrift = (backlog: Backlog, now: number): Backlog => ({
  ...backlog,
  driftedAt: backlog.driftedAt ?? now,
});

/** Under a new policy, changes that led to no version may lead to one, so they count as new. */
export const withNewPolicy = (backlog: Backlog, now: number): Backlog => ({
  ...backlog,
  changed: backlog.changed ?? (backlog.changes > 0 ? { first: now, last: now } : null),
});

/** A job reads the examples, again if it was killed before it had read them all. */
export const withReading = (backlog: Backlog, job: string): Backlog => ({
  ...backlog,
  changes: 0,
  changed: null,
  asked: null,
  driftedAt: null,
  read: { job, changes: backlog.changes + (backlog.read?.changes ?? 0) },
});

/** The job produced a version. */
export const afterVersion = (backlog: Backlog): Backlog => ({
  ...backlog,
  read: null,
  refused: null,
  refusalTold: null,
});

/**
 * Whether a refusal with this reason must be reported. Many webhooks in a row may be refused for one reason, which is reported
 * once.
 */
export const isNews = ({ refusalTold }: Backlog, code: ProblemCode): boolean => refusalTold !== code;

export const withRefusalTold = (backlog: Backlog, code: ProblemCode): Backlog => ({ ...backlog, refusalTold: code });

/** A training failed: the changes that it read count again, but a new event is needed for another attempt. */
export function afterFailure(backlog: Backlog, refused: TrainingRefusal | null): Backlog {
  const tried = backlog.read ? {} : { changed: null, asked: null, driftedAt: null };
  return { ...backlog, ...tried, changes: backlog.changes + (backlog.read?.changes ?? 0), read: null, refused };
}
