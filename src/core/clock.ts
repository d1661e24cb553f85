// Time as an argument. Deployed Workers freeze their clock during computation, so it cannot measure work.

/** Milliseconds since the epoch. */
export type Clock = () => number;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** RFC 3339 UTC, the format of every time on the wire. */
export const timestamp = (ms: number): string => new Date(ms).toISOString();

/** The day in UTC, as YYYY-MM-DD. */
export const dayOf = (ms: number): string => timestamp(ms).slice(0, 10);
