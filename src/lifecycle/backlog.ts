// The backlog of a head: what has changed since a training last read its examples, and who asked for another. Pure
// transitions over plain data; all times in milliseconds since the epoch.
import type { ProblemCode } from "../core/problems.ts";

/** From the first of some events to the last. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly at: number;
}

export interface Backlog {
  /** Examples added, changed or deleted that no version has learnt from. */
  readonly changes: number;
  /** When those came that no training was tried on yet; null: there are none, and trying again would come to the same. */
  readonly changed: Span | null;
  /** When webhooks asked for a training that has not begun. */
  readonly asked: Span | null;
  /** When a webhook last asked. */
  readonly lastAskedAt: number | null;
  readonly driftedAt: number | null;
  /** The job that has read its examples, and how many changes it took with them. */
  readonly read: { readonly job: string; readonly changes: number } | null;
  /** Why the last training that was tried came to nothing. */
  readonly refused: Refusal | null;
  /** The reason of refusals that the tenant was told last; it is told again once a version was made since, or for another. */
  readonly refusalTold?: ProblemCode | null;
}

export const EMPTY_BACKLOG: Backlog = {
  ...{ changes: 0, changed: null, asked: null, lastAskedAt: null, driftedAt: null, read: null, refused: null },
};

const extended = (span: Span | null, now: number): Span => ({ first: span?.first ?? now, last: now });

export const withChanges = (backlog: Backlog, count: number, now: number): Backlog => ({
  ...{ ...backlog, changes: backlog.changes + count, changed: extended(backlog.changed, now) },
});

/** A webhook asks for a training that does not begin at once. */
export const withAsk = (backlog: Backlog, now: number): Backlog => ({
  ...{ ...backlog, asked: extended(backlog.asked, now), lastAskedAt: now },
});

export const withDrift = (backlog: Backlog, now: number): Backlog => ({
  ...{ ...backlog, driftedAt: backlog.driftedAt ?? now },
});

/** Under another policy, what came to nothing may come to something. */
export const withNewPolicy = (backlog: Backlog, now: number): Backlog => ({
  ...{ ...backlog, changed: backlog.changed ?? (backlog.changes > 0 ? { first: now, last: now } : null) },
});

/** A job reads the examples; once more where it was killed before it had them all. */
export const withReading = (backlog: Backlog, job: string): Backlog => ({
  ...{ ...backlog, changes: 0, changed: null, asked: null, driftedAt: null },
  read: { job, changes: backlog.changes + (backlog.read?.changes ?? 0) },
});

/** The job came to a version. */
export const afterVersion = (backlog: Backlog): Backlog => ({
  ...backlog,
  read: null,
  refused: null,
  refusalTold: null,
});

/** Whether a refusal for this reason is news: a storm of webhooks is refused for one reason many times. */
export const isNews = ({ refusalTold }: Backlog, code: ProblemCode): boolean => refusalTold !== code;

export const withRefusalTold = (backlog: Backlog, code: ProblemCode): Backlog => ({ ...backlog, refusalTold: code });

/** A training came to nothing: what it read counts again, but it takes something new to try once more. */
export function afterFailure(backlog: Backlog, refused: Refusal | null): Backlog {
  const tried = backlog.read ? {} : { changed: null, asked: null, driftedAt: null };
  return { ...backlog, ...tried, changes: backlog.changes + (backlog.read?.changes ?? 0), read: null, refused };
}
